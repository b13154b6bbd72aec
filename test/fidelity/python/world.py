"""What every test here starts from: a client of the sandbox, and a fresh project with one commit in it."""

import os
import time
import unittest
import uuid

import gitlab

URL = os.environ["SANDBOX_URL"]


def client(who="admin", **options):
    return gitlab.Gitlab(URL, private_token=f"glpat-sandbox-{who}", **options)


def eventually(look, what):
    """Asks again until the answer is true: GitLab does much of its work after it has answered."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"never happened: {what}")


class ProjectCase(unittest.TestCase):
    """A test case with its own project, shared by the tests of one class."""

    @classmethod
    def setUpClass(cls):
        cls.gl = client()
        cls.project = cls.gl.projects.create({"name": f"py-{uuid.uuid4().hex[:10]}", "initialize_with_readme": True})

    @classmethod
    def tearDownClass(cls):
        cls.project.delete()
        cls.gl.session.close()

    def refused(self, status, message, act, *args, **kwargs):
        """The call fails with this status, and its error says this."""
        with self.assertRaises(gitlab.GitlabError) as caught:
            act(*args, **kwargs)
        self.assertEqual(caught.exception.response_code, status)
        if message is not None:
            self.assertIn(message, str(caught.exception.error_message))
        return caught.exception

    def put_file(self, path, content="text\n", branch="main", message=None):
        return self.project.files.create(
            {"file_path": path, "branch": branch, "content": content, "commit_message": message or f"Add {path}"}
        )

    def branch_with(self, name, path, content="text\n"):
        self.project.branches.create({"branch": name, "ref": "main"})
        self.put_file(path, content, branch=name)

    def merge_request(self, name, path=None, **more):
        """An open merge request whose diff and mergeability GitLab has worked out."""
        self.branch_with(name, path or f"{name}.txt")
        made = self.project.mergerequests.create(
            {"source_branch": name, "target_branch": "main", "title": f"Bring {name}", **more}
        )

        def ready():
            now = self.project.mergerequests.get(made.iid)
            return now if now.detailed_merge_status not in ("preparing", "checking", "unchecked") else None

        return eventually(ready, f"!{made.iid} is checked")
