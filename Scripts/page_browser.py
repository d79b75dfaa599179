"""A headless Chromium with the page of `caravan serve` in it."""

import json
import os
import shutil

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

SIZES = {
    "desktop": {"width": 1200, "height": 860}, "desktop-dark": {"width": 1200, "height": 860, "dark": True},
    "phone": {"width": 500, "height": 900}, "phone-dark": {"width": 500, "height": 900, "dark": True},
}


def browser(width=1200, height=860, dark=False):
    options = webdriver.ChromeOptions()
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--window-size={width},{height}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    if os.path.exists("/usr/bin/chromium"):
        options.binary_location = "/usr/bin/chromium"
    driver = shutil.which("chromedriver")
    service = webdriver.ChromeService(driver) if driver else None
    page = webdriver.Chrome(options=options, service=service)
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
    return page


class Page:
    def __init__(self, url, shots=None, **size):
        self.url, self.shots = url, shots
        self.driver = browser(**size)
        self.driver.get(url)
        self.until(lambda: self.text("#models"), "the models are named")

    def until(self, condition, what, seconds=60):
        try:
            WebDriverWait(self.driver, seconds, poll_frequency=0.05).until(lambda _: condition())
        except Exception as error:
            self.shot("failure")
            raise AssertionError(f"never happened: {what}") from error

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.one(selector).text

    def texts(self, selector):
        return self.driver.execute_script("return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)", selector)

    def click(self, selector):
        self.driver.execute_script("arguments[0].click()", self.one(selector))

    def press(self, label, within="body"):
        found = [b for b in self.all(f"{within} button") if b.get_attribute("textContent").strip() == label]
        assert found, f"no button '{label}'"
        self.driver.execute_script("arguments[0].click()", found[-1])

    def say(self, text):
        self.one("#message").send_keys(text, Keys.ENTER)

    def is_running(self):
        return self.one("#stop").is_displayed()

    def wait_for_end(self):
        self.until(lambda: not self.is_running(), "the answer ends", 180)

    def check_targets(self):
        """On a phone all that can be touched is 44 px high, and nothing is wider than the screen."""
        small = self.run("""
            return [...document.querySelectorAll("button, input, select, summary")].filter(
              (e) => e.checkVisibility() && e.type !== "checkbox" && e.getBoundingClientRect().height < 43.5).map((e) => e.outerHTML)""")
        assert not small, small
        assert not self.run("return document.documentElement.scrollWidth > innerWidth")

    def shot(self, name):
        if "phone" in name:
            self.check_targets()
        if self.shots:
            self.driver.save_screenshot(os.path.join(self.shots, f"{name}.png"))

    def check_log(self):
        errors = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]
        assert not errors, errors
        origin = self.url.rstrip("/")
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                assert url.startswith(origin) or url.startswith("data:") or url.startswith("chrome"), f"asked {url}"

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def keep(self, **values):
        """Begins anew with what a browser has kept: the page that is left writes nothing over it."""
        self.run("""
            localStorage.clear(); sessionStorage.clear();
            for (const [name, value] of Object.entries(arguments[0])) localStorage[`caravan.${name}`] = JSON.stringify(value);""", values)
        self.driver.refresh()
        self.until(lambda: self.text("#models"), "the page is there")

    def watch(self):
        """Has `sent` hold the bodies of requests from now on."""
        self.run("""
            const real = window.fetch; window.sent = [];
            window.fetch = (path, options) => { if (options?.body) window.sent.push(JSON.parse(options.body)); return real(path, options); };""")

    def close(self):
        self.check_log()
        self.driver.quit()
