"""An object store that speaks S3: s3s-fs, which keeps objects as files."""

from serve_process import HOST, Server, listens, program


class S3(Server):
    def __init__(self, folder, options):
        super().__init__(folder, options)
        self.keys = options.access_key, options.secret_key
        self.buckets = options.bucket

    def prepare(self):
        program("s3s-fs")
        for bucket in self.buckets:
            (self.folder / "data" / bucket).mkdir(parents=True)
        (self.folder / "data").mkdir(exist_ok=True)

    def commands(self):
        access, secret = self.keys
        listening = ["--host", HOST, "--port", str(self.port)]
        keys = ["--access-key", access, "--secret-key", secret]
        return [[program("s3s-fs"), *listening, *keys, str(self.folder / "data")]]

    def answers(self):
        return listens(self.port)

    def url(self):
        return f"http://{HOST}:{self.port}"
