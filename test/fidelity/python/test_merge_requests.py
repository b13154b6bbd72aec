import unittest

import gitlab
from world import ProjectCase, client, eventually


class MergeRequests(ProjectCase):
    def test_open_read_update_close(self):
        mr = self.merge_request("plain", labels=["one"], description="Says *so*", remove_source_branch=True)
        self.assertEqual((mr.state, mr.detailed_merge_status, mr.merge_status), ("opened", "mergeable", "can_be_merged"))
        self.assertEqual(set(mr.diff_refs), {"base_sha", "head_sha", "start_sha"})
        self.assertEqual((mr.sha, mr.changes_count, mr.labels), (mr.diff_refs["head_sha"], "1", ["one"]))
        self.assertEqual((mr.force_remove_source_branch, mr.references["short"]), (True, f"!{mr.iid}"))
        self.assertEqual([commit.title for commit in mr.commits()], ["Add plain.txt"])
        changes = mr.changes()["changes"]
        self.assertEqual([(change["new_path"], change["new_file"]) for change in changes], [("plain.txt", True)])
        diffs = mr.diffs.list()
        self.assertEqual(mr.diffs.get(diffs[0].id).head_commit_sha, mr.sha)
        self.assertEqual([user["username"] for user in mr.participants()], ["root"])
        mr.title = "Draft: not yet"
        mr.save()
        self.assertTrue(mr.draft)
        self.refused(405, "405 Method Not Allowed", mr.merge)
        mr.state_event = "close"
        mr.save()
        self.assertEqual(mr.state, "closed")
        self.assertIn(mr.iid, [one.iid for one in self.project.mergerequests.list(state="closed")])
        mr.delete()
        self.refused(404, "404", self.project.mergerequests.get, mr.iid)

    def test_merge_and_merge_again(self):
        mr = self.merge_request("to-merge")
        mr.merge(merge_commit_message="Brought in\r\n" * 1000, should_remove_source_branch=True)
        now = self.project.mergerequests.get(mr.iid)
        self.assertEqual((now.state, now.merge_user["username"]), ("merged", "root"))
        self.assertTrue(now.merged_at)
        commit = self.project.commits.get(now.merge_commit_sha)
        self.assertTrue(commit.message.startswith("Brought in"))
        with self.assertRaises(gitlab.GitlabMRClosedError):
            now.merge()

        def branch_gone():
            try:
                self.project.branches.get("to-merge")
            except gitlab.GitlabGetError as error:
                return error.response_code == 404

        eventually(branch_gone, "the source branch is removed")
        self.assertEqual([one["iid"] for one in commit.merge_requests()], [mr.iid])

    def test_squash_and_sha(self):
        mr = self.merge_request("to-squash")
        self.put_file("second.txt", branch="to-squash")
        head = self.project.branches.get("to-squash").commit["id"]
        eventually(lambda: self.project.mergerequests.get(mr.iid).sha == head, "the push has arrived")
        answer = self.refused(409, "SHA does not match HEAD", mr.merge, sha=mr.sha)
        self.assertIn("SHA does not match HEAD of source branch", str(answer.error_message))
        done = mr.merge(squash=True, squash_commit_message="All in one")
        self.assertEqual(self.project.commits.get(done["squash_commit_sha"]).title, "All in one")

    def test_conflict(self):
        mr = self.merge_request("one-way", path="same.txt")
        self.put_file("same.txt", content="other\n")
        eventually(
            lambda: self.project.mergerequests.get(mr.iid).detailed_merge_status == "conflict", "the conflict is seen"
        )
        self.refused(422, "Branch cannot be merged", mr.merge)
        self.refused(400, None, mr.merge_ref)

    def test_merge_ref_and_rebase(self):
        mr = self.merge_request("rebased")
        self.assertRegex(mr.merge_ref()["commit_id"], r"^[0-9a-f]{40}$")
        self.put_file("moved-on.txt")
        self.assertTrue(mr.rebase()["rebase_in_progress"])
        eventually(lambda: self.project.mergerequests.get(mr.iid).sha != mr.sha, "the branch is rebased")

    def test_threads_resolve(self):
        mr = self.merge_request("threads")
        thread = mr.discussions.create({"body": "please change"})
        note = thread.attributes["notes"][0]
        self.assertEqual((note["type"], note["resolvable"], note["resolved"]), ("DiscussionNote", True, False))
        thread.notes.create({"body": "done"})
        self.project.only_allow_merge_if_all_discussions_are_resolved = True
        self.project.save()

        def held_back():
            now = self.project.mergerequests.get(mr.iid)
            return now if now.detailed_merge_status == "discussions_not_resolved" else None

        now = eventually(held_back, "the open thread is seen")
        self.assertFalse(now.blocking_discussions_resolved)
        self.refused(405, "405 Method Not Allowed", mr.merge)
        thread.resolved = True
        thread.save()
        again = mr.discussions.get(thread.id)
        self.assertTrue(all(one["resolved"] for one in again.attributes["notes"]))
        self.assertEqual(again.attributes["notes"][0]["resolved_by"]["username"], "root")
        again.resolved = False
        again.save()
        self.assertFalse(mr.discussions.get(thread.id).attributes["notes"][0]["resolved"])
        self.project.only_allow_merge_if_all_discussions_are_resolved = False
        self.project.save()
        plain = mr.notes.create({"body": "no thread"})
        self.assertFalse(plain.resolvable)
        self.refused(404, "404", mr.discussions.get, "f" * 40)

    def test_labels_events_and_closing(self):
        issue = self.project.issues.create({"title": "to be closed"})
        mr = self.merge_request("closes", description=f"Closes #{issue.iid}")
        self.assertEqual([one.iid for one in mr.closes_issues()], [issue.iid])
        self.assertEqual([one["iid"] for one in issue.related_merge_requests()], [mr.iid])
        self.assertEqual([one["iid"] for one in issue.closed_by()], [mr.iid])
        mr.labels = ["reviewed"]
        mr.save()
        events = mr.resourcelabelevents.list()
        self.assertEqual([(event.action, event.label["name"]) for event in events], [("add", "reviewed")])
        self.assertEqual(mr.resourcelabelevents.get(events[0].id).resource_type, "MergeRequest")
        mr.merge()
        eventually(lambda: self.project.issues.get(issue.iid).state == "closed", "the issue closes")

    def test_approvals(self):
        mr = self.merge_request("approved")
        mr.approve()
        self.assertEqual([one["user"]["username"] for one in mr.approvals.get().approved_by], ["root"])
        bot = self.project.access_tokens.create({"name": "reset", "scopes": ["api"], "expires_at": "2099-01-01"})
        as_bot = gitlab.Gitlab(self.gl.url, private_token=bot.token).projects.get(self.project.id)
        self.assertTrue(as_bot.mergerequests.get(mr.iid).reset_approvals())
        self.assertEqual(mr.approvals.get().approved_by, [])
        mr.approve()
        mr.unapprove()
        self.assertEqual(mr.approvals.get().approved_by, [])
        self.refused(401, "401 Unauthorized", mr.reset_approvals)

    def test_refusals(self):
        create = self.project.mergerequests.create
        self.merge_request("taken")
        body = {"source_branch": "taken", "target_branch": "main", "title": "again"}
        self.refused(409, "Another open merge request already exists for this source branch", create, body)
        self.refused(400, "title is missing", create, {"source_branch": "a", "target_branch": "b", "title": None})
        self.refused(422, None, create, {**body, "source_branch": "main"})
        self.refused(404, "404", self.project.mergerequests.get, 4711)
        self.refused(400, "state does not have a valid value", self.project.mergerequests.list, state="odd")
        self.refused(406, None, self.project.mergerequests.list(state="opened")[0].cancel_merge_when_pipeline_succeeds)

    def test_lists(self):
        mr = self.merge_request("listed", labels="find-me")
        self.assertEqual([one.iid for one in self.project.mergerequests.list(source_branch="listed")], [mr.iid])
        self.assertEqual([one.iid for one in self.project.mergerequests.list(labels="find-me")], [mr.iid])
        self.assertIn(mr.id, [one.id for one in self.gl.mergerequests.list(scope="all", all=True)])
        lazy = self.project.mergerequests.get(mr.iid, lazy=True)
        self.assertEqual(lazy.notes.list(), [])


if __name__ == "__main__":
    unittest.main()
