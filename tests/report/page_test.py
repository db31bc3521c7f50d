"""The report page in headless Chromium: it loads without an error and without the network, filters and steps by mouse and
by keys, and stays usable with fifty nodes and a hundred thousand messages. What a page does is counted, not timed."""

import pathlib
import tempfile
import unittest

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

import lab

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--window-size=1400,1200"]

# Asks for a frame, waits until it was drawn, and so on: how often the page drew.
DRAW_FRAMES = """
const [frames, done] = arguments;
const before = mpreg.work.draws;
let left = frames;
(function next() {
  if (left-- === 0) return done(mpreg.work.draws - before);
  document.getElementById("on").click();
  requestAnimationFrame(() => requestAnimationFrame(next));
})();
"""

UNTIL_IT_STOPS = """
const [done] = arguments;
(function look() {
  if (document.getElementById("play").getAttribute("aria-pressed") === "true") requestAnimationFrame(look);
  else done();
})();
"""

UNTIL_ANOTHER_EVENT = """
const [event, done] = arguments;
(function look() { if (mpreg.view.event === event) requestAnimationFrame(look); else done(); })();
"""


def bound(program, folder):
    """A script that runs a program until who started it ends, however that ends: a test that is killed leaves none."""
    script = pathlib.Path(folder) / pathlib.Path(program).name
    script.write_text(f'#!/bin/sh\nexec setpriv --pdeathsig KILL -- {program} "$@"\n')
    script.chmod(0o755)
    return str(script)


class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = lab.Lab().__enter__()
        cls.addClassCleanup(cls.lab.__exit__)
        # Chromium may still write while it ends.
        profile = tempfile.TemporaryDirectory(prefix="mpreg_chromium_", ignore_cleanup_errors=True)
        cls.addClassCleanup(profile.cleanup)
        options = webdriver.ChromeOptions()
        for flag in [*FLAGS, f"--user-data-dir={profile.name}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        scripts = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="mpreg_chromium_"))
        options.binary_location = bound("/usr/bin/chromium", scripts)
        cls.browser = webdriver.Chrome(options=options, service=Service(bound("/usr/bin/chromedriver", scripts)))
        cls.addClassCleanup(cls.browser.quit)
        cls.browser.set_script_timeout(300)
        cls.page = cls.write_page()

    @classmethod
    def write_page(cls):
        cls.lab.sim("report", cls.lab.plan(), "-o", "page.html", "--tries", "6")
        return cls.lab.root / "page.html"

    def setUp(self):
        self.browser.get(self.page.as_uri())
        self.settle()

    def tearDown(self):
        self.assertEqual([entry for entry in self.browser.get_log("browser") if entry["level"] == "SEVERE"], [])

    def js(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def settle(self):
        """Waits for a frame, in which what was asked for is drawn."""
        self.browser.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")

    def find(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.find(selector).text

    def click(self, selector):
        self.find(selector).click()
        self.settle()

    def press(self, *keys):
        """Keys on the lanes."""
        self.js("document.getElementById('lanes').focus({preventScroll: true})")
        ActionChains(self.browser).send_keys(*keys).perform()
        self.settle()

    def shown(self):
        return self.js("return mpreg.shown.messages.length")

    def view(self):
        return self.js("return {at: mpreg.view.at, from: mpreg.view.from, to: mpreg.view.to, event: mpreg.view.event, "
                       "mode: mpreg.view.mode, lane: mpreg.view.lane}")


class Words(PageTest):
    def test_tell_what_was_asked_what_went_wrong_and_why(self):
        self.assertEqual(self.text("h1"), "stormy")
        self.assertEqual(self.text(".verdict"), "FAILED")
        self.assertIn("pause n2 for=15s", self.text("#asked"))
        self.assertIn("no_eviction", self.text("#wrong"))
        self.assertIn("as dead", self.text("#first"))
        self.assertIn("brought about by the one below", self.text("#cause"))
        self.assertIn('It passes without line 8 of the plan, "at 20s pause n2 for=15s"', self.text("#nearest"))

    def test_ask_nothing_of_the_network(self):
        self.assertEqual(self.js("return performance.getEntriesByType('resource').map((entry) => entry.name)"
                                 ".filter((name) => !name.startsWith('data:'))"), [])

    def test_lead_to_the_moment_they_speak_of(self):
        self.click("#first .moment")
        self.assertAlmostEqual(self.view()["at"], self.js("return mpreg.run.violations[0][0]"))
        self.assertLess(self.view()["to"] - self.view()["from"], 5e6)
        self.assertEqual(self.js("return document.activeElement.id"), "lanes")


class Filters(PageTest):
    def test_nodes(self):
        everything = self.shown()
        self.find("#nodes").send_keys("n1,n3..n4")
        self.settle()
        self.assertLess(self.shown(), everything)
        self.assertTrue(self.js("return [...mpreg.shown.messages].every((i) => [mpreg.messages.from[i], "
                                "mpreg.messages.to[i]].some((place) => [1, 3, 4].includes(place)))"))
        self.find("#nodes").send_keys(",nope")
        self.assertIn("expected places such as n1,n3..n7, found nope", self.text("#nodes-error"))
        self.click("#clear")
        self.assertEqual((self.shown(), self.text("#nodes-error")), (everything, ""))

    def test_planes(self):
        boxes = self.browser.find_elements(By.CSS_SELECTOR, "#planes label")
        self.assertEqual([box.text for box in boxes], ["session", "membership", "gossip", "rpc", "unreadable"])
        for box in boxes[:3] + boxes[4:]:
            box.click()
        self.settle()
        names = self.js("return [...new Set([...mpreg.shown.messages].map((i) => "
                        "mpreg.run.messages.names[mpreg.messages.name[i]].split('.')[0]))]")
        self.assertEqual(names, ["rpc"])

    def test_kinds_and_lost_ones(self):
        self.click("#kinds-box summary")
        sums = self.browser.find_elements(By.CSS_SELECTOR, "#kinds .quiet")
        self.assertEqual(sum(int(item.text.replace(",", "")) for item in sums), self.shown())
        before = self.shown()
        self.browser.find_element(By.XPATH, "//*[@id='kinds']//label[contains(., 'membership.ping')]").click()
        self.settle()
        self.assertLess(self.shown(), before)
        self.click("#clear")
        self.click("#lost")
        self.assertGreater(self.shown(), 0)
        self.assertTrue(self.js("return [...mpreg.shown.messages].every((i) => mpreg.messages.fate[i] >= 3)"))
        self.assertIn(f"{self.shown():,} of ", self.text("#shown"))


class Stepping(PageTest):
    def test_goes_from_event_to_event_and_back(self):
        self.press(Keys.HOME)
        self.assertEqual(self.view()["at"], 0)
        seen = []
        for _ in range(25):
            self.press(Keys.ARROW_RIGHT)
            seen.append((self.view()["at"], self.view()["event"]))
        self.assertEqual(len({event for _, event in seen}), 25)
        self.assertEqual([at for at, _ in seen], sorted(at for at, _ in seen))
        self.assertIn("s:", self.text("#now"))
        for expected in reversed(seen[:-1]):
            self.press(Keys.ARROW_LEFT)
            self.assertEqual((self.view()["at"], self.view()["event"]), expected)
        self.click("#on")
        self.assertEqual(self.view()["event"], seen[1][1])

    def test_stops_only_at_what_is_shown(self):
        self.click("#lost")
        self.press(Keys.HOME, *[Keys.ARROW_RIGHT] * 12)
        event = self.view()["event"]
        self.assertTrue(self.js("return [...mpreg.shown.events].includes(arguments[0])", event))

    def test_moves_by_time_by_list_and_by_playing(self):
        self.find("#moment").send_keys(Keys.CONTROL + "a")
        self.find("#moment").send_keys("7.5", Keys.ENTER)
        self.settle()
        self.assertEqual(self.view()["at"], 7.5e6)
        self.assertIn("In force: partition n1,n2 | n3..n6", self.text("#now"))
        row = self.browser.find_elements(By.CSS_SELECTOR, "#events tr")[2]
        wanted = int(row.get_attribute("data-event"))
        row.click()
        self.settle()
        self.assertEqual(self.view()["event"], wanted)
        self.assertEqual(self.find("#events tr[aria-current]").get_attribute("data-event"), str(wanted))
        self.press(" ")
        self.assertEqual(self.find("#play").get_attribute("aria-pressed"), "true")
        self.browser.execute_async_script(UNTIL_ANOTHER_EVENT, wanted)
        self.press(" ")
        self.assertEqual(self.find("#play").get_attribute("aria-pressed"), "false")

    def test_keys_go_on_from_a_button_and_a_checkbox(self):
        for control in ("#on", "#lost"):
            self.js("document.querySelector(arguments[0]).focus({preventScroll: true})", control)
            ActionChains(self.browser).send_keys(Keys.HOME, Keys.ARROW_RIGHT).perform()
            self.settle()
            first = self.view()["event"]
            ActionChains(self.browser).send_keys(Keys.ARROW_RIGHT).perform()
            self.settle()
            self.assertNotEqual(self.view()["event"], first, control)

    def test_playing_stops_at_the_last_event(self):
        self.press(Keys.END, Keys.ARROW_RIGHT, Keys.ARROW_LEFT, Keys.ARROW_LEFT, " ")
        self.browser.execute_async_script(UNTIL_IT_STOPS)
        self.assertTrue(self.js("return mpreg.view.event === mpreg.shown.events.at(-1)"))

    def test_zooms_chooses_lanes_and_shows_the_cone(self):
        whole = self.view()["to"]
        self.press("+", "+")
        self.assertAlmostEqual(self.view()["to"] - self.view()["from"], whole / 4, delta=1)
        self.press("0")
        self.assertEqual((self.view()["from"], self.view()["to"]), (0, whole))
        self.press(Keys.ARROW_DOWN)
        self.assertEqual(self.view()["lane"], 1)
        self.click("#show-cone")
        self.assertEqual(self.view()["mode"], "cone")
        cone = self.js("return mpreg.view.cone.size")
        told = int(self.text("#cause").split("causal cone: ")[1].split(" ")[0])
        self.assertEqual(cone, told, "the page counts as the program did")


class Looks(PageTest):
    def colors(self, canvas):
        """How many different colours a canvas has."""
        return self.js("""const canvas = document.getElementById(arguments[0]);
            const pixels = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer);
            return new Set(pixels).size;""", canvas)

    def test_everything_is_drawn(self):
        for canvas in ("overview", "lanes", "charts", "topology"):
            self.assertGreater(self.colors(canvas), 5, canvas)

    def test_dark_is_dark(self):
        background = "return getComputedStyle(document.body).backgroundColor"
        light = self.js(background)
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia",
                                     {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
        self.settle()
        dark = self.js(background)
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        self.assertNotEqual(light, dark)

    def test_every_control_has_a_name_and_every_id_is_one(self):
        nameless = self.js("""return [...document.querySelectorAll("button, input, select, canvas")].filter((item) =>
            !(item.getAttribute("aria-label") || item.textContent.trim() || item.labels?.length)).map((item) => item.outerHTML)""")
        self.assertEqual(nameless, [])
        self.assertEqual(self.js("""const ids = [...document.querySelectorAll("[id]")].map((item) => item.id);
            return ids.filter((id, place) => ids.indexOf(id) !== place)"""), [])

    def test_a_narrow_window_has_no_sideways_scroll(self):
        self.browser.set_window_size(520, 900)
        self.settle()
        width = self.js("return [document.documentElement.scrollWidth, window.innerWidth]")
        self.browser.set_window_size(1400, 1200)
        self.assertLessEqual(width[0], width[1])


class Large(PageTest):
    """Fifty nodes, ten minutes of churn, a hundred thousand messages."""

    @classmethod
    def write_page(cls):
        cls.lab.sim("report", lab.SCENARIOS / "churn_50.scn", "-o", "large.html")
        return cls.lab.root / "large.html"

    def test_says_that_messages_were_left_out(self):
        self.assertEqual(self.js("return mpreg.messages.sent.length"), 100_000)
        self.assertIn("100000 are kept one by one", self.text("#left-out"))
        self.assertEqual(self.text(".verdict"), "HELD")

    def test_draws_once_a_frame_and_no_more_than_can_be_seen(self):
        self.assertIn("shades by sender and plane", self.text("#too-many"))
        self.assertEqual(self.js("return mpreg.work.arrows"), 0)
        draws = self.browser.execute_async_script(DRAW_FRAMES, 40)
        self.assertLessEqual(draws, 80)
        self.assertGreaterEqual(draws, 40, "each step is seen")
        before = self.js("return mpreg.work.draws")
        self.js("for (let i = 0; i < 500; ++i) document.getElementById('on').click()")
        self.settle()
        self.assertLessEqual(self.js("return mpreg.work.draws") - before, 2, "many changes, one drawing")
        self.assertLessEqual(len(self.browser.find_elements(By.CSS_SELECTOR, "#events tr")), 15)
        self.assertLess(self.js("return document.querySelectorAll('*').length"), 600)

    def test_zooms_from_shades_to_arrows(self):
        for _ in range(12):
            self.press("+")
        self.assertEqual(self.text("#too-many"), "")
        self.assertGreater(self.js("return mpreg.work.arrows"), 0)
        self.find("#nodes").send_keys("n7")
        self.settle()
        self.assertLess(self.shown(), 10_000)


if __name__ == "__main__":
    unittest.main()
