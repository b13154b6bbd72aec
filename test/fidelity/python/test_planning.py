import unittest
import uuid

import gitlab
from world import ProjectCase, client


class Labels(ProjectCase):
    def test_life_of_a_label(self):
        label = self.project.labels.create({"name": "odd: one/two", "color": "#112233", "description": "d"})
        self.assertEqual((label.color, label.text_color, label.is_project_label), ("#112233", "#FFFFFF", True))
        self.assertEqual(self.project.labels.get("odd: one/two").id, label.id)
        self.assertEqual(self.project.labels.get(label.id).name, "odd: one/two")
        label.new_name = "even"
        label.color = "red"
        label.save()
        self.assertEqual((label.name, self.project.labels.get("even").color), ("even", "#FF0000"))
        label.subscribe()
        self.assertTrue(label.subscribed)
        label.unsubscribe()
        self.assertFalse(label.subscribed)
        self.refused(409, "Label already exists", self.project.labels.create, {"name": "even", "color": "#000000"})
        self.refused(400, "color is missing", self.project.labels.create, {"name": "pale", "color": None})
        self.refused(400, "is invalid", self.project.labels.create, {"name": "a,b", "color": "#000000"})
        label.delete()
        self.refused(404, "404 Label Not Found", self.project.labels.get, "even")

    def test_counts_and_groups(self):
        group = self.gl.groups.create({"name": f"g{uuid.uuid4().hex[:8]}", "path": f"g{uuid.uuid4().hex[:8]}"})
        home = self.gl.projects.create({"name": "inside", "namespace_id": group.id})
        group.labels.create({"name": "shared", "color": "#aabbcc"})
        home.issues.create({"title": "counted", "labels": "shared"})
        found = [one for one in home.labels.list(with_counts=True) if one.name == "shared"][0]
        self.assertEqual((found.open_issues_count, found.closed_issues_count, found.is_project_label), (1, 0, False))
        self.assertEqual(home.labels.list(include_ancestor_groups=False), [])
        own = home.labels.create({"name": "promoted", "color": "#010203"})
        own.promote()
        self.assertIn("promoted", [one.name for one in group.labels.list()])
        home.delete()
        group.delete()


class Boards(ProjectCase):
    def test_project_board(self):
        self.assertEqual(self.project.boards.list(), [])
        board = self.project.boards.create({"name": "flow"})
        labels = [self.project.labels.create({"name": name, "color": "#123456"}) for name in ("doing", "done")]
        lists = [board.lists.create({"label_id": label.id}) for label in labels]
        self.assertEqual([one.label["name"] for one in board.lists.list()], ["doing", "done"])
        lists[1].position = 0
        lists[1].save()
        self.assertEqual([one.label["name"] for one in board.lists.list()], ["done", "doing"])
        self.assertEqual([one["label"]["name"] for one in self.project.boards.get(board.id).attributes["lists"]], ["done", "doing"])
        lists[0].delete()
        self.assertEqual(len(board.lists.list()), 1)
        self.refused(400, None, board.lists.create, {"label_id": 999999})
        board.delete()
        self.refused(404, "404", self.project.boards.get, board.id)

    def test_group_board(self):
        group = self.gl.groups.create({"name": "boards", "path": f"boards{uuid.uuid4().hex[:8]}"})
        self.assertEqual(group.boards.list(), [])
        board = group.boards.create({"name": "wide"})
        self.assertEqual(group.boards.get(board.id).name, "wide")
        board.delete()
        group.delete()


class Hooks(ProjectCase):
    def test_project_hook(self):
        hook = self.project.hooks.create({"url": "http://127.0.0.1:1/in", "push_events": False, "token": "secret"})
        self.assertEqual((hook.push_events, hook.issues_events, hook.enable_ssl_verification), (False, False, True))
        self.assertFalse(hasattr(hook, "token"))
        hook.merge_requests_events = True
        hook.save()
        self.assertTrue(self.project.hooks.get(hook.id).merge_requests_events)
        self.assertEqual([one.id for one in self.project.hooks.list()], [hook.id])
        self.refused(422, None, self.project.hooks.create, {"url": "not a url"})
        self.refused(400, "url is missing", self.project.hooks.create, {"url": None})
        hook.delete()
        self.refused(404, "404", self.project.hooks.get, hook.id)

    def test_system_hook(self):
        hook = self.gl.hooks.create({"url": "http://127.0.0.1:1/system", "merge_requests_events": True})
        self.assertIn(hook.id, [one.id for one in self.gl.hooks.list()])
        hook.delete()
        self.refused(403, "403 Forbidden", client("developer").hooks.list)


class ProjectsAndPages(ProjectCase):
    def test_uploads(self):
        sent = self.project.upload("a name.txt", filedata=b"content")
        self.assertRegex(sent["url"], r"^/uploads/[0-9a-f]{32}/")
        self.assertEqual(sent["markdown"], f"[{sent['alt']}]({sent['url']})")
        picture = self.project.upload("p.png", filedata=b"\x89PNG")
        self.assertTrue(picture["markdown"].startswith("![p](/uploads/"))
        got = self.gl.session.get(f"{self.project.web_url}{sent['url']}", headers=self.gl.headers)
        self.assertEqual(got.content, b"content")

    def test_offset_pages(self):
        for number in range(5):
            self.project.labels.create({"name": f"l{number}", "color": "#123456"})
        first = self.project.labels.list(per_page=2, page=1)
        third = self.project.labels.list(per_page=2, page=3)
        self.assertEqual((len(first), len(third)), (2, 1))
        pages = self.project.labels.list(iterator=True, per_page=2)
        self.assertEqual((pages.total, pages.total_pages, pages.current_page, pages.next_page), (5, 3, 1, 2))
        self.assertEqual(len({label.id for label in pages}), 5)
        self.assertEqual(self.project.labels.list(per_page=2, page=99), [])
        self.assertEqual(len(self.project.labels.list(per_page=100, all=True)), 5)

    def test_keyset_pages(self):
        everything = self.gl.projects.list(iterator=True, pagination="keyset", order_by="id", sort="asc", per_page=2)
        ids = [project.id for project in everything]
        self.assertEqual(ids, sorted(ids))
        self.assertIn(self.project.id, ids)
        self.assertEqual(len(ids), len(self.gl.projects.list(all=True)))

    def test_project_settings_and_members(self):
        self.project.description = "Changed"
        self.project.merge_method = "ff"
        self.project.save()
        again = self.gl.projects.get(self.project.path_with_namespace)
        self.assertEqual((again.id, again.description, again.merge_method), (self.project.id, "Changed", "ff"))
        self.assertEqual(self.gl.projects.get(self.project.id, lazy=True).labels.list(all=True).__class__, list)
        user = self.gl.users.list(username="stranger")[0]
        member = self.project.members.create({"user_id": user.id, "access_level": gitlab.const.AccessLevel.DEVELOPER})
        self.assertEqual((member.access_level, member.username), (30, "stranger"))
        self.refused(409, "Member already exists", self.project.members.create, {"user_id": user.id, "access_level": 30})
        member.access_level = 20
        member.save()
        self.assertEqual(self.project.members.get(user.id).access_level, 20)
        self.assertIn(user.id, [one.id for one in self.project.members_all.list()])
        member.delete()
        self.refused(404, "404", self.project.members.get, user.id)
        head = self.gl.projects.head(self.project.id)
        self.assertEqual(head["content-type"], "application/json")
        self.project.star()
        self.assertEqual(self.project.star_count, 1)
        self.project.unstar()
        self.assertEqual(self.project.star_count, 0)

    def test_forks_and_sudo(self):
        fork = self.project.forks.create({"namespace": "stranger"})
        self.assertEqual(self.gl.projects.get(fork.id).forked_from_project["id"], self.project.id)
        self.assertEqual([one.id for one in self.project.forks.list()], [fork.id])
        theirs = self.gl.projects.create({"name": f"sudo-{uuid.uuid4().hex[:8]}"}, sudo="developer")
        self.assertEqual(theirs.namespace["path"], "developer")
        self.assertNotIn(theirs.id, [one.id for one in self.gl.projects.list(owned=True, all=True)])
        theirs.delete()
        self.gl.projects.delete(fork.id)

    def test_instance(self):
        version, revision = self.gl.version()
        self.assertRegex(version, r"^\d+\.\d+\.\d+(-ee)?$")
        self.assertTrue(revision)
        self.gl.auth()
        self.assertEqual((self.gl.user.username, self.gl.user.id), ("root", 1))
        self.assertEqual(self.gl.search("users", "Administrator")[0]["id"], 1)
        self.assertEqual(self.gl.namespaces.get("root").kind, "user")
        self.assertIn("hello", self.gl.markdown("hello", project=self.project.path_with_namespace))
        token = self.gl.http_get("/personal_access_tokens/self")
        self.assertTrue(token["active"])
        self.refused(404, "404 Project Not Found", self.gl.projects.get, "no/such")
        self.refused(400, "has already been taken", self.gl.projects.create, {"name": self.project.name})


if __name__ == "__main__":
    unittest.main()
