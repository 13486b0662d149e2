from playwright.async_api import async_playwright

from tests.services import chromium, run


async def test_chromium_is_there_and_shows_a_page(test_run: run.Run) -> None:
    path = chromium.executable(test_run)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(chromium.FLAGS))
        page = await browser.new_page()
        await page.set_content("<title>Hello, Ada</title>")
        assert await page.title() == "Hello, Ada"
        await browser.close()
