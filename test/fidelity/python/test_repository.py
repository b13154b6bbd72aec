import base64
import io
import tarfile
import unittest
import zipfile

import gitlab
from world import ProjectCase


class Files(ProjectCase):
    def test_life_of_a_file(self):
        file = self.put_file("dir/some file#1.txt", "one\n")
        self.assertEqual((file.file_path, file.branch), ("dir/some file#1.txt", "main"))
        read = self.project.files.get("dir/some file#1.txt", ref="main")
        self.assertEqual((read.decode(), read.size, read.file_name), (b"one\n", 4, "some file#1.txt"))
        self.assertEqual((read.encoding, len(read.content_sha256), read.execute_filemode), ("base64", 64, False))
        before = read.last_commit_id
        read.content = base64.b64encode(b"two\n").decode()
        read.save(branch="main", commit_message="Second", encoding="base64")
        again = self.project.files.get("dir/some file#1.txt", ref="main")
        self.assertEqual(again.decode(), b"two\n")
        self.assertNotEqual(again.last_commit_id, before)
        self.assertEqual(self.project.commits.get(again.last_commit_id).title, "Second")
        self.assertEqual(self.project.files.raw("dir/some file#1.txt", ref="main"), b"two\n")
        blame = self.project.files.blame("dir/some file#1.txt", ref="main")
        self.assertEqual(blame[0]["lines"], ["two"])
        again.delete(branch="main", commit_message="Gone")
        self.refused(404, "404 File Not Found", self.project.files.get, "dir/some file#1.txt", ref="main")

    def test_binary_and_head(self):
        content = bytes(range(256)) * 4
        self.project.files.create(
            {
                "file_path": "blob.bin",
                "branch": "main",
                "content": base64.b64encode(content).decode(),
                "encoding": "base64",
                "commit_message": "Binary",
                "author_name": "Somebody Else",
                "author_email": "else@example.com",
            }
        )
        self.assertEqual(self.project.files.raw("blob.bin", ref="main"), content)
        head = self.gl.http_head(f"/projects/{self.project.id}/repository/files/blob.bin", ref="main")
        self.assertEqual((head["X-Gitlab-File-Path"], head["X-Gitlab-Size"], head["X-Gitlab-Ref"]), ("blob.bin", "1024", "main"))
        commit = self.project.commits.list(query_parameters={"path": "blob.bin"})[0]
        self.assertEqual((commit.author_name, commit.committer_name), ("Somebody Else", "Administrator"))

    def test_refusals(self):
        self.put_file("taken.txt")
        self.refused(400, "A file with this name already exists", self.put_file, "taken.txt")
        change = {"branch": "main", "commit_message": "m", "content": "x"}
        self.refused(400, "A file with this name doesn't exist", self.project.files.update, "none.txt", change)
        self.refused(400, "branch is missing", self.gl.http_post, f"/projects/{self.project.id}/repository/files/a", post_data={"content": "x", "commit_message": "m"})
        self.refused(404, "404 Commit Not Found", self.project.files.get, "taken.txt", ref="no-such-ref")
        self.refused(404, "404 File Not Found", self.project.files.get, "nothing", ref="main")
        self.refused(400, "You can only create or edit files when you are on a branch", self.put_file, "x", branch="nowhere")

    def test_tree_blob_archive(self):
        self.put_file("tree/leaf.txt", "leaf\n")
        names = [(entry["type"], entry["path"]) for entry in self.project.repository_tree(path="tree", recursive=True)]
        self.assertEqual(names, [("blob", "tree/leaf.txt")])
        leaf = self.project.repository_tree(path="tree")[0]
        self.assertEqual(self.project.repository_raw_blob(leaf["id"]), b"leaf\n")
        blob = self.project.repository_blob(leaf["id"])
        self.assertEqual(base64.b64decode(blob["content"]), b"leaf\n")
        self.refused(404, "404 invalid revision or path Not Found", self.project.repository_tree, path="no/such")
        self.assertEqual(self.project.repository_archive(), self.project.repository_archive("main"))
        for kind in ("tar", "tar.gz", "tar.bz2"):
            with tarfile.open(fileobj=io.BytesIO(self.project.repository_archive(format=kind))) as archive:
                self.assertTrue(any(name.endswith("/tree/leaf.txt") for name in archive.getnames()))
        with zipfile.ZipFile(io.BytesIO(self.project.repository_archive(format="zip"))) as archive:
            self.assertTrue(any(name.endswith("/tree/leaf.txt") for name in archive.namelist()))
        self.assertTrue(tarfile.is_tarfile(io.BytesIO(self.project.snapshot())))


class Commits(ProjectCase):
    def test_actions_and_listing(self):
        commit = self.project.commits.create(
            {
                "branch": "topic",
                "start_branch": "main",
                "commit_message": "Two files\n\nChangelog: added",
                "actions": [
                    {"action": "create", "file_path": "a.txt", "content": "a\n"},
                    {"action": "create", "file_path": "b.txt", "content": base64.b64encode(b"b\n").decode(), "encoding": "base64"},
                    {"action": "move", "file_path": "c.txt", "previous_path": "a.txt"},
                    {"action": "chmod", "file_path": "b.txt", "execute_filemode": True},
                ],
            }
        )
        self.assertEqual((commit.title, commit.short_id, commit.stats["additions"]), ("Two files", commit.id[:8], 2))
        self.assertEqual(commit.trailers, {"Changelog": "added"})
        self.assertEqual([ref["name"] for ref in commit.refs(type="branch")], ["topic"])
        self.assertEqual(commit.merge_requests(), [])
        diff = {part["new_path"]: part for part in commit.diff()}
        self.assertIn("@@", diff["c.txt"]["diff"])
        self.assertEqual(diff["b.txt"]["b_mode"], "100755")
        on_main = [one.id for one in self.project.commits.list(ref_name="main")]
        everywhere = [one.id for one in self.project.commits.list(all=True, get_all=True)]
        self.assertNotIn(commit.id, on_main)
        self.assertIn(commit.id, everywhere)
        self.assertEqual([one.id for one in self.project.commits.list(query_parameters={"ref_name": "topic", "path": "c.txt"})], [commit.id])
        self.assertEqual(self.project.commits.list(ref_name="topic", until="2001-01-01T00:00:00Z"), [])
        compared = self.project.repository_compare("main", "topic")
        self.assertEqual([one["id"] for one in compared["commits"]], [commit.id])
        self.assertEqual(self.project.repository_contributors()[0]["name"], "Administrator")

    def test_cherry_pick_and_revert(self):
        self.project.branches.create({"branch": "stable", "ref": "main"})
        self.put_file("fix.txt", message="A fix")
        fix = self.project.commits.list(ref_name="main")[0]
        fix.cherry_pick(branch="stable")
        picked = self.project.commits.list(ref_name="stable")[0]
        self.assertEqual(picked.message, f"A fix\n\n(cherry picked from commit {fix.id})")
        self.refused(400, "Sorry, we cannot cherry-pick this commit automatically", fix.cherry_pick, branch="stable")
        reverted = fix.revert(branch="main")
        self.assertEqual(reverted["message"], f'Revert "A fix"\n\nThis reverts commit {fix.id}')
        self.refused(400, "Sorry, we cannot revert this commit automatically", fix.revert, branch="main")
        self.refused(404, "404 Commit Not Found", self.project.commits.get, "f" * 40)

    def test_notes_statuses_signature(self):
        commit = self.project.commits.list()[0]
        commit.comments.create({"note": "good one"})
        self.assertEqual([one.note for one in commit.comments.list()], ["good one"])
        thread = commit.discussions.create({"body": "why?"})
        note = thread.notes.create({"body": "because"})
        mine = thread.notes.get(note.id)
        mine.body = "just because"
        mine.save()
        self.assertEqual(commit.discussions.get(thread.id).attributes["notes"][-1]["body"], "just because")
        mine.delete()
        status = commit.statuses.create({"state": "running", "name": "check", "target_url": "https://example.com/1"})
        self.assertEqual((status.status, status.name), ("running", "check"))
        commit.statuses.create({"state": "success", "name": "check"})
        self.assertEqual([one.status for one in commit.statuses.list()], ["success"])
        self.assertEqual(self.project.commits.get(commit.id).last_pipeline["status"], "success")
        self.refused(404, "404 Signature Not Found", commit.signature)

    def test_merge_base(self):
        base = self.project.commits.list(ref_name="main")[0]
        self.branch_with("left", "left.txt")
        self.branch_with("right", "right.txt")
        self.assertEqual(self.project.repository_merge_base(["left", "right"])["id"], base.id)
        self.refused(400, "Provide at least 2 refs", self.project.repository_merge_base, ["left"])
        self.refused(400, "Could not find ref", self.project.repository_merge_base, ["left", "nowhere"])


class Refs(ProjectCase):
    def test_branches(self):
        name = "feature/dots.and#signs%"
        made = self.project.branches.create({"branch": name, "ref": "main"})
        self.assertEqual((made.name, made.merged, made.default, made.protected), (name, True, False, False))
        self.assertEqual(self.project.branches.get(name).commit["id"], made.commit["id"])
        self.assertEqual([one.name for one in self.project.branches.list(search="^feature")], [name])
        self.refused(400, "Branch already exists", self.project.branches.create, {"branch": name, "ref": "main"})
        self.refused(400, "Invalid reference name", self.project.branches.create, {"branch": "x", "ref": "none"})
        self.refused(400, "Branch name is invalid", self.project.branches.create, {"branch": "a..b", "ref": "main"})
        made.delete()
        self.refused(404, "404 Branch Not Found", self.project.branches.get, name)
        self.put_file("unmerged.txt")

    def test_protected_branches(self):
        rule = self.project.protectedbranches.create({"name": "stable-*", "push_access_level": 40})
        self.assertEqual(rule.push_access_levels[0]["access_level"], 40)
        self.assertIn("stable-*", [one.name for one in self.project.protectedbranches.list()])
        self.project.branches.create({"branch": "stable-1", "ref": "main"})
        self.assertTrue(self.project.branches.get("stable-1").protected)
        self.project.protectedbranches.delete("stable-*")
        self.refused(404, "404", self.project.protectedbranches.get, "stable-*")

    def test_tags(self):
        plain = self.project.tags.create({"tag_name": "v1.0.0", "ref": "main"})
        full = self.project.tags.create({"tag_name": "v1.10.0", "ref": "main", "message": "Ten\nlines"})
        self.project.tags.create({"tag_name": "v1.9.0", "ref": "main"})
        self.assertEqual((plain.message, plain.target, plain.created_at), ("", plain.commit["id"], None))
        self.assertEqual(full.message, "Ten\nlines")
        self.assertNotEqual(full.target, full.commit["id"])
        self.assertTrue(full.created_at)
        self.assertEqual(self.project.tags.get("v1.10.0").target, full.target)
        ordered = [tag.name for tag in self.project.tags.list(order_by="version", sort="desc", search="^v")]
        self.assertEqual(ordered, ["v1.10.0", "v1.9.0", "v1.0.0"])
        self.assertEqual([tag.name for tag in self.project.tags.list(search="^v1.1")], ["v1.10.0"])
        self.refused(400, "Tag v1.0.0 already exists", self.project.tags.create, {"tag_name": "v1.0.0", "ref": "main"})
        self.refused(400, "Target nowhere is invalid", self.project.tags.create, {"tag_name": "v2", "ref": "nowhere"})
        self.refused(400, "Tag name invalid", self.project.tags.create, {"tag_name": "v 2", "ref": "main"})
        self.project.tags.delete("v1.9.0")
        self.refused(404, "404 Tag Not Found", self.project.tags.get, "v1.9.0")

    def test_releases(self):
        made = self.project.releases.create(
            {"tag_name": "r/1.0", "name": "One", "description": "First **release**", "ref": "main",
             "assets": {"links": [{"name": "log", "url": "https://example.com/log"}]}}
        )
        self.assertEqual((made.name, made.tag_name, made.assets["count"]), ("One", "r/1.0", 5))
        self.assertEqual(made.commit["id"], self.project.tags.get("r/1.0").commit["id"])
        self.refused(409, "Release already exists", self.project.releases.create, {"tag_name": "r/1.0", "description": "x"})
        self.refused(422, "Ref is not specified", self.project.releases.create, {"tag_name": "r/2.0", "description": "x"})
        release = self.project.releases.get("r/1.0")
        release.description = "changed"
        release.save()
        self.assertEqual(self.project.releases.get("r/1.0").description, "changed")
        link = release.links.create({"name": "bin", "url": "https://example.com/bin", "link_type": "package"})
        self.assertEqual({one.name for one in release.links.list()}, {"log", "bin"})
        link.delete()
        unnamed = self.project.releases.create({"tag_name": "r/3.0", "description": "d", "ref": "main"})
        self.assertEqual(unnamed.name, "r/3.0")
        self.assertEqual({one.tag_name for one in self.project.releases.list()}, {"r/1.0", "r/3.0"})
        self.project.releases.delete("r/1.0")
        self.refused(404, "404", self.project.releases.get, "r/1.0")
        self.assertEqual(self.project.tags.get("r/1.0").release, None)


if __name__ == "__main__":
    unittest.main()
