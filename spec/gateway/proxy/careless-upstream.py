"""An upstream that reads no bodies: Python's http.server, which keeps connections and leaves bodies to the handlers.

Prints its port, and then a line for each request that it takes for one."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Careless(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    disable_nagle_algorithm = True

    def answer(self):
        os.write(1, f'{self.command} {self.path} {self.headers.get("Remote-User")}\n'.encode())
        body = f'{self.path} for {self.headers.get("Remote-User")}'.encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        # Also to HEAD, as many a handler does.
        self.wfile.write(body)

    do_GET = do_HEAD = do_OPTIONS = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(('127.0.0.1', 0), Careless)
print(server.server_address[1], flush=True)
server.serve_forever()
