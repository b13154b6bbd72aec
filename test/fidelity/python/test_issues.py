import unittest

import gitlab
from world import ProjectCase, client


class Issues(ProjectCase):
    def test_life_of_an_issue(self):
        issue = self.project.issues.create({"title": "Life", "description": "A **text**", "labels": ["b", "a"]})
        self.assertEqual((issue.state, issue.labels, issue.confidential), ("opened", ["a", "b"], False))
        self.assertEqual(issue.references["short"], f"#{issue.iid}")
        self.assertEqual(issue.web_url, f"{self.project.web_url}/-/issues/{issue.iid}")
        issue.title = "Life goes on"
        issue.confidential = True
        issue.due_date = "2030-05-06"
        issue.save()
        again = self.project.issues.get(issue.iid)
        self.assertEqual((again.title, again.confidential, again.due_date), ("Life goes on", True, "2030-05-06"))
        again.state_event = "close"
        again.save()
        self.assertEqual((again.state, again.attributes["closed_by"]["username"]), ("closed", "root"))
        again.state_event = "reopen"
        again.save()
        self.assertEqual((again.state, again.closed_at), ("opened", None))
        again.delete()
        self.refused(404, "404", self.project.issues.get, issue.iid)

    def test_filters(self):
        first = self.project.issues.create({"title": "needle one", "labels": "red,green"})
        second = self.project.issues.create({"title": "two", "description": "needle", "labels": "red"})
        second.state_event = "close"
        second.save()
        ids = lambda **query: {issue.iid for issue in self.project.issues.list(all=True, **query)}
        self.assertEqual(ids(search="needle"), {first.iid, second.iid})
        self.assertEqual(ids(labels=["red", "green"]), {first.iid})
        self.assertEqual(ids(labels="red", state="closed"), {second.iid})
        self.assertEqual(ids(iids=[first.iid, second.iid], state="opened"), {first.iid})
        self.assertNotIn(first.iid, ids(labels="None"))
        self.assertIn(first.iid, ids(author_username="root", labels="Any"))
        self.assertEqual(ids(search="nothing like that"), set())
        self.assertEqual(ids(iids=[first.iid], **{"not[labels]": "green"}), set())
        oldest = self.project.issues.list(order_by="created_at", sort="asc", per_page=1, page=1)[0]
        self.assertEqual(oldest.iid, min(ids()))

    def test_relative_label_changes(self):
        issue = self.project.issues.create({"title": "labels", "labels": "keep,drop"})
        self.project.issues.update(issue.iid, {"add_labels": "new", "remove_labels": "drop,never-there"})
        again = self.project.issues.get(issue.iid)
        self.assertEqual(again.labels, ["keep", "new"])
        self.assertIn("new", [label.name for label in self.project.labels.list(all=True)])
        events = again.resourcelabelevents.list(all=True)
        seen = sorted((event.action, event.label["name"]) for event in events)
        self.assertEqual(seen, [("add", "drop"), ("add", "keep"), ("add", "new"), ("remove", "drop")])
        one = again.resourcelabelevents.get(events[0].id)
        self.assertEqual((one.resource_type, one.resource_id, one.user["username"]), ("Issue", issue.id, "root"))

    def test_notes_and_emoji(self):
        issue = self.project.issues.create({"title": "talk"})
        note = issue.notes.create({"body": "first `words`"})
        self.assertEqual((note.body, note.system, note.noteable_type), ("first `words`", False, "Issue"))
        note.body = "changed"
        note.save()
        self.assertEqual(issue.notes.get(note.id).body, "changed")
        emoji = note.awardemojis.create({"name": "thumbsup"})
        self.assertEqual([one.id for one in note.awardemojis.list()], [emoji.id])
        emoji.delete()
        self.assertEqual(note.awardemojis.list(), [])
        note.delete()
        self.refused(404, "404 Note Not Found", issue.notes.get, note.id)
        self.refused(400, "body is missing", issue.notes.create, {"body": None})
        internal = issue.notes.create({"body": "inside", "internal": True})
        self.assertTrue(internal.internal)

    def test_discussions(self):
        issue = self.project.issues.create({"title": "threads"})
        thread = issue.discussions.create({"body": "opening"})
        self.assertRegex(thread.id, r"^[0-9a-f]{40}$")
        reply = thread.notes.create({"body": "answer"})
        mine = thread.notes.get(reply.id)
        mine.body = "better answer"
        mine.save()
        bodies = [note["body"] for note in issue.discussions.get(thread.id).attributes["notes"]]
        self.assertEqual(bodies, ["opening", "better answer"])
        self.assertIn(thread.id, [one.id for one in issue.discussions.list(all=True)])
        mine.delete()
        self.assertEqual(len(issue.discussions.get(thread.id).attributes["notes"]), 1)
        self.refused(404, "404", issue.discussions.get, "0" * 40)

    def test_links_move_time_and_people(self):
        issue = self.project.issues.create({"title": "from"})
        other = self.project.issues.create({"title": "to"})
        source, target = issue.links.create({"target_project_id": self.project.id, "target_issue_iid": other.iid})
        self.assertEqual((source.iid, target.iid), (issue.iid, other.iid))
        links = issue.links.list()
        self.assertEqual((links[0].iid, links[0].link_type), (other.iid, "relates_to"))
        issue.links.delete(links[0].issue_link_id)
        self.assertEqual(issue.links.list(), [])
        issue.time_estimate("3h30m")
        issue.add_spent_time("1h")
        stats = self.project.issues.get(issue.iid).time_stats()
        self.assertEqual((stats["time_estimate"], stats["human_total_time_spent"]), (12600, "1h"))
        issue.reset_spent_time()
        self.assertEqual(self.project.issues.get(issue.iid).time_stats()["total_time_spent"], 0)
        self.assertEqual([user["username"] for user in issue.participants()], ["root"])
        self.assertEqual((issue.closed_by(), issue.related_merge_requests()), ([], []))
        self.assertTrue(issue.user_agent_detail()["user_agent"])
        issue.unsubscribe()
        self.assertFalse(self.project.issues.get(issue.iid).subscribed)
        home = self.gl.projects.create({"name": f"{self.project.name}-new-home"})
        old = issue.iid
        issue.move(home.id)
        self.assertEqual([moved.title for moved in home.issues.list()], ["from"])
        self.assertEqual(self.project.issues.get(old).state, "closed")
        home.delete()

    def test_milestones(self):
        milestone = self.project.milestones.create({"title": "5.5", "due_date": "2031-01-02"})
        issue = self.project.issues.create({"title": "planned", "milestone_id": milestone.id})
        self.assertEqual(issue.milestone["title"], "5.5")
        self.assertEqual([one.iid for one in milestone.issues()], [issue.iid])
        self.assertEqual([one.iid for one in self.project.issues.list(milestone="5.5")], [issue.iid])
        events = issue.resourcemilestoneevents.list()
        self.assertEqual([event.action for event in events], ["add"])
        self.assertEqual(issue.resourcemilestoneevents.get(events[0].id).milestone["id"], milestone.id)
        issue.state_event = "close"
        issue.save()
        self.assertEqual([event.state for event in issue.resourcestateevents.list()], ["closed"])
        milestone.state_event = "close"
        milestone.save()
        self.assertEqual(self.project.milestones.get(milestone.id).state, "closed")
        milestone.delete()

    def test_who_may_what(self):
        secret = self.project.issues.create({"title": "secret", "confidential": True})
        stranger = client("stranger").projects.get(self.project.id, lazy=True)
        self.refused(404, "404 Project Not Found", stranger.issues.get, secret.iid)
        nobody = gitlab.Gitlab(self.gl.url)
        self.refused(401, "401 Unauthorized", nobody.issues.list)
        self.refused(401, "401 Unauthorized", client("wrong").issues.list)
        self.refused(400, "title is missing", self.project.issues.create, {"title": None, "description": "x"})
        self.refused(400, "can't be blank", self.project.issues.create, {"title": " "})
        self.refused(404, "404 Not found", self.project.issues.get, 99999)
        self.refused(400, "state does not have a valid value", self.project.issues.list, state="sleeping")


if __name__ == "__main__":
    unittest.main()
