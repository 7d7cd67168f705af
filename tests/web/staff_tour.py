"""Where the staff of a receiver work, in a real browser: the second pair of eyes, the log, and two people who are asked together."""

from tests.web.demo_tour import Tour

__all__ = ["walk_four_eyes", "walk_household"]


def walk_four_eyes(here: Tour, there: Tour, receiver: str, dossier: str) -> None:
    """A file waits for a colleague, who says yes at another desk and reads the log."""
    here.page.goto(f"{dossier}/schulden.csv")
    here.stop("four-eyes-ask")
    here.page.locator("main form button").click()
    here.stop("four-eyes-without-reason")
    here.page.locator('textarea[name="reason"]').fill("Voor het plan")
    here.page.locator("main form button").click()
    here.page.wait_for_url("**/akkoord/*")
    here.stop("four-eyes-waits")
    waiting = here.page.url
    there.page.goto(f"{receiver}/akkoord")
    there.page.locator('input[value^="tom-"]').check()
    there.page.locator('button[value="go"]').click()
    there.forget_complaints()
    there.stop("akkoord")
    there.page.locator("main .states a").click()
    there.stop("akkoord-one")
    there.page.locator('button[value="ja"]').click()
    there.page.wait_for_url("**/akkoord")
    there.page.goto(waiting)
    there.stop("akkoord-given")
    there.page.goto(f"{receiver}/logboek")
    there.stop("logboek")
    there.page.goto(f"{receiver}/logboek?verzoek=JANSEN")
    there.stop("logboek-wrong")
    here.page.goto(waiting)
    here.stop("four-eyes-granted")
    here.judged += there.judged


def walk_household(tour: Tour, receiver: str, package: str) -> None:
    """Two people are asked together, and neither answered yet."""
    tour.page.goto(f"{receiver}/verzoeken/nieuw/{package}")
    tour.page.locator('input[name="household"]').check()
    tour.page.locator('input[name="reference"]').fill("x" * 40)  # one word, as long as may be
    tour.stop("staff-form-two")
    tour.page.locator("main form button").click()
    tour.page.locator("#verzoek-partner").wait_for()
    tour.stop("staff-made-two")
    tour.page.goto(f"{receiver}/verzoeken")
    tour.stop("staff-requests")
    tour.page.locator("main .states li", has_text="(aanvrager)").locator("a").first.click()
    tour.stop("staff-request-two")
    tour.page.locator("main a[href*='/huishoudens/']").first.click()
    tour.stop("household")
