"""What may be fetched from the web, and what may not, whatever an address is made to look like."""

import gzip
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from pytest_socket import enable_socket

from frontdesk.errors import InvalidRequest, UnreadableDocument
from frontdesk.knowledge.web_addresses import parse_web_address
from ingest.public_network import UNREACHABLE, is_public, system_resolve
from tests.unit.web_stand_in import PUBLIC, Web, dripping, endless, raw, serving

PAGE = b"<html><title>Refunds</title><p>A refund takes ten days.</p></html>"


@pytest.fixture
def web() -> Iterator[Web]:
    # The path of a Unix socket has to be short; pytest's folders are not.
    with TemporaryDirectory() as folder, serving(Path(folder)) as running:
        yield running


def refusal(web: Web, url: str, **limits: float) -> str:
    with pytest.raises(UnreadableDocument) as refused:
        web.fetcher(**limits).fetch(url)
    return str(refused.value)


def test_a_page_is_fetched_as_it_is(web: Web) -> None:
    web.page("docs.example/help/refunds", PAGE)
    found = web.fetcher().fetch("https://docs.example/help/refunds#top")
    assert (found.filename, found.data) == ("refunds.html", PAGE)
    assert web.dialled == [(PUBLIC, 443)]


def test_a_request_says_who_asks_and_carries_no_credentials(web: Web) -> None:
    web.page("docs.example/", PAGE, Set_Cookie="session=1")
    web.redirect("docs.example/start", "http://docs.example/")
    web.page("docs.example/start", status=302, Location="/", Set_Cookie="session=1")
    web.fetcher().fetch("http://docs.example/start")
    assert len(web.requests) == 2
    for request in web.requests:
        assert "Frontdesk" in request.headers["User-Agent"]
        assert request.headers["Accept-Encoding"] == "identity"
        assert request.headers["Host"] == "docs.example"
        assert not {"Cookie", "Authorization", "Referer"} & set(request.headers)


@pytest.mark.parametrize(
    ("path", "content_type", "filename"),
    [
        ("a", "text/html; charset=utf-8", "a.html"),
        ("a.php", "application/xhtml+xml", "a.html"),
        ("guide.pdf", "application/pdf", "guide.pdf"),
        ("guide", "application/pdf", "guide.pdf"),
        ("guide.md", "text/plain", "guide.md"),
        ("guide.md", "text/markdown", "guide.md"),
        ("guide.docx", "application/octet-stream", "guide.docx"),
        ("guide.pdf?v=2", "", "guide.pdf"),
        ("notes", "text/plain", "notes.txt"),
        ("%2e%2e%2f%2e%2e%2fetc%2fpasswd", "text/plain", "passwd.txt"),
        ("", "text/html", "docs.example.html"),
    ],
)
def test_the_name_ends_as_ingestion_expects(
    web: Web, path: str, content_type: str, filename: str
) -> None:
    web.page(f"docs.example/{path}", b"x", content_type)
    assert web.fetcher().fetch(f"https://docs.example/{path}").filename == filename


@pytest.mark.parametrize(
    "content_type", ["image/png", "application/zip", "application/json", "video/mp4", ""]
)
def test_what_is_no_document_is_refused(web: Web, content_type: str) -> None:
    web.page("docs.example/a", b"x", content_type)
    assert "can be imported" in refusal(web, "https://docs.example/a")


def test_text_in_another_encoding_is_told_by_its_header(web: Web) -> None:
    body = "<html><meta charset=utf-8><p>größer</p></html>".encode("iso-8859-1")
    web.page("docs.example/a", body, "text/html; charset=ISO-8859-1")
    found = web.fetcher().fetch("https://docs.example/a").data
    assert "größer" in found.decode("utf-8-sig")


@pytest.mark.parametrize(
    "address",
    [
        # loopback, private, link-local with the metadata service, shared, this network
        *("127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
        *("169.254.169.254", "169.254.170.2", "169.254.1.1", "100.64.0.1", "100.100.100.200"),
        *("0.0.0.0", "0.1.2.3", "192.0.0.1", "192.0.0.192", "192.0.2.1", "198.18.0.1"),
        *("198.51.100.7", "203.0.113.7", "192.88.99.1", "224.0.0.1", "239.255.255.250"),
        *("240.0.0.1", "255.255.255.255"),
        # the same in version 6
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254"),
        *("ff02::1", "ff0e::1", "100::1", "2001:db8::1", "3fff::1", "2001:2::1", "5f00::1"),
        # version 4 in the clothes of version 6: mapped, compatible, 6to4, Teredo, NAT64
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "::ffff:10.0.0.1"),
        *("::127.0.0.1", "::ffff:0:127.0.0.1", "2002:7f00:1::", "2002:a9fe:a9fe::"),
        *("2001:0:53aa:64c:0:0:80ff:fffe", "64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254"),
        *("64:ff9b:1::10.0.0.1", "2002:5db8:d70e::"),
    ],
)
def test_an_address_that_is_not_of_the_public_internet_is_never_dialled(
    web: Web, address: str
) -> None:
    assert not is_public(ip_address(address))
    web.page("docs.example/", PAGE)
    web.names["docs.example"] = [address]
    assert refusal(web, "http://docs.example/") == UNREACHABLE
    web.names["docs.example"] = [PUBLIC, address]
    assert refusal(web, "http://docs.example/") == UNREACHABLE
    assert web.dialled == []


@pytest.mark.parametrize(
    "address",
    [
        *("8.8.8.8", PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "2a00:1450:4001:810::200e"),
        *("::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "172.32.0.1", "100.128.0.1", "192.0.1.1"),
    ],
)
def test_a_public_address_is(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1."),
        *("0", "017700000001", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::]"),
        *("１２７.０.０.１", "127。0。0。1", "①②⑦.0.0.1", "0251.0376.0251.0376", "169.254.169.254"),
        *("2852039166", "[fd00:ec2::254]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]"),
    ],
)
def test_a_number_is_seen_through_however_it_is_written(web: Web, host: str) -> None:
    """With the resolver of the system, which reads such numbers without asking anyone."""
    enable_socket()
    fetcher = web.fetcher()
    fetcher._resolve = system_resolve
    with pytest.raises(UnreadableDocument) as refused:
        fetcher.fetch(f"http://{host}/latest/meta-data/")
    assert web.dialled == []
    assert str(refused.value) in {UNREACHABLE, "The address names no server."}


def test_what_is_said_does_not_tell_whether_an_internal_name_exists(web: Web) -> None:
    web.names["database.internal"] = ["10.0.0.5"]
    there = refusal(web, "https://database.internal/")
    assert refusal(web, "https://nothing.internal/") == there


def test_a_name_is_resolved_once_and_what_was_checked_is_dialled(web: Web) -> None:
    """DNS rebinding: public when it is checked, loopback ever after."""
    answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
    web.page("rebind.example/", PAGE)
    web.names["rebind.example"] = lambda: next(answers)
    assert web.fetcher().fetch("http://rebind.example/").data == PAGE
    assert web.dialled == [(PUBLIC, 80)]


def test_a_redirect_is_resolved_and_checked_again(web: Web) -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    web.redirect("rebind.example/", "/again")
    web.page("rebind.example/again", PAGE)
    web.names["rebind.example"] = lambda: next(answers)
    assert refusal(web, "http://rebind.example/") == UNREACHABLE
    assert web.dialled == [(PUBLIC, 80)]


@pytest.mark.parametrize(
    "target",
    [
        *("http://169.254.169.254/latest/meta-data/", "//10.0.0.1/", "http://[::1]/"),
        *("http://internal.example/", "ftp://docs.example/", "file:///etc/passwd"),
        *("http://user:secret@docs.example/", "http://docs.example:22/", "gopher://docs.example/"),
        *("http://docs.example:6379/", "javascript:alert(1)", "http://["),
    ],
)
def test_a_redirect_leads_nowhere_that_the_address_itself_may_not(web: Web, target: str) -> None:
    web.redirect("docs.example/", target)
    web.names["internal.example"] = ["192.168.0.10"]
    for literal in ("169.254.169.254", "10.0.0.1", "::1"):
        web.names[literal] = [literal]
    refusal(web, "http://docs.example/")
    assert web.dialled == [(PUBLIC, 80)]


def test_five_redirects_are_followed_and_no_sixth(web: Web) -> None:
    for number in range(6):
        web.redirect(f"docs.example/{number}", f"/{number + 1}", status=(301, 302, 303)[number % 3])
    web.page("docs.example/6", PAGE)
    assert web.fetcher().fetch("https://docs.example/1").data == PAGE
    assert "too often" in refusal(web, "https://docs.example/0")


def test_a_redirect_to_itself_ends(web: Web) -> None:
    web.redirect("docs.example/", "")
    assert "too often" in refusal(web, "https://docs.example/")
    assert len(web.dialled) == 6


def test_a_certificate_for_another_name_is_refused(web: Web) -> None:
    web.page("other.example/", PAGE)
    assert "certificate" in refusal(web, "https://other.example/")
    assert web.requests == []
    assert web.fetcher().fetch("http://other.example/").data == PAGE


def test_an_address_that_does_not_answer_gives_way_to_the_next(web: Web) -> None:
    web.page("docs.example/", PAGE)
    web.names["docs.example"] = ["8.8.4.4", PUBLIC]
    web.refusing = {"8.8.4.4"}
    assert web.fetcher().fetch("http://docs.example/").data == PAGE
    web.refusing.add(PUBLIC)
    assert "not answer at all" in refusal(web, "http://docs.example/")


def test_a_page_that_is_too_large_is_not_read_to_its_end(web: Web) -> None:
    web.page("docs.example/", b"x" * 2_000, "text/plain")
    assert "larger" in refusal(web, "http://docs.example/", max_bytes=1_999)
    assert len(web.fetcher(max_bytes=2_000).fetch("http://docs.example/").data) == 2_000
    web.answer("docs.example/endless", endless)
    assert "larger" in refusal(web, "http://docs.example/endless", max_bytes=1_000_000)


def test_a_false_length_changes_nothing(web: Web) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: "
    for length in (b"99999999999999999999", b"-1", b"7, 8", b"1e9", "٣".encode()):
        web.answer("docs.example/", raw(head + length + b"\r\n\r\nshort"))
        assert refusal(web, "http://docs.example/")


def test_a_bomb_does_not_go_off(web: Web) -> None:
    web.page(
        "docs.example/", gzip.compress(b"\0" * 50_000_000), "text/html", Content_Encoding="gzip"
    )
    assert "larger" in refusal(web, "http://docs.example/", max_bytes=1_000_000)


def test_packed_pages_are_unpacked_and_other_encodings_refused(web: Web) -> None:
    packed = gzip.compress(PAGE)
    web.page("docs.example/", packed, Content_Encoding="gzip")
    assert web.fetcher().fetch("http://docs.example/").data == PAGE
    web.page("docs.example/half", packed[:-12], Content_Encoding="gzip")
    assert "broke off" in refusal(web, "http://docs.example/half")
    web.page("docs.example/false", PAGE, Content_Encoding="gzip")
    assert "damaged" in refusal(web, "http://docs.example/false")
    for encoding in ("br", "zstd", "gzip, gzip", "deflate"):
        web.page("docs.example/br", packed, Content_Encoding=encoding)
        assert "packed" in refusal(web, "http://docs.example/br")


@pytest.mark.parametrize("headers", [True, False])
def test_one_byte_at_a_time_does_not_keep_the_worker(web: Web, headers: bool) -> None:
    web.answer("docs.example/", dripping(0.02, headers=headers))
    started = time.monotonic()
    assert "in time" in refusal(web, "http://docs.example/", seconds=0.4)
    assert time.monotonic() - started < 2


def test_a_server_that_says_nothing_is_not_waited_for(web: Web) -> None:
    web.answer("docs.example/", lambda _: time.sleep(3))
    started = time.monotonic()
    refusal(web, "http://docs.example/", seconds=0.3)
    assert time.monotonic() - started < 2


def test_a_name_server_that_says_nothing_is_not_waited_for(web: Web) -> None:
    def hang() -> list[str]:
        time.sleep(3)
        return [PUBLIC]

    web.names["docs.example"] = hang
    started = time.monotonic()
    assert refusal(web, "http://docs.example/", seconds=0.3) == UNREACHABLE
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("status", [201, 204, 206, 304, 400, 401, 403, 404, 410, 429, 500, 503])
def test_only_a_whole_page_counts(web: Web, status: int) -> None:
    web.page("docs.example/", PAGE, status=status)
    assert refusal(web, "http://docs.example/")


@pytest.mark.parametrize(
    "garbage",
    [b"", b"\x00" * 200_000, b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 50_000, b"SSH-2.0-x\r\n"],
)
def test_what_is_no_http_is_a_refusal_and_no_crash(web: Web, garbage: bytes) -> None:
    web.answer("docs.example/", raw(garbage))
    assert refusal(web, "http://docs.example/")


@pytest.mark.parametrize(
    "url",
    [
        *("", "docs.example", "/help", "ftp://docs.example/", "file:///etc/passwd", "data:,x"),
        *("javascript:alert(1)", "http://", "https:///path", "http://:80/", "http://./"),
        *("http://user@docs.example/", "http://user:pass@docs.example/", "http://@docs.example/"),
        *(
            "http://docs.example\\@evil.example/",
            "http://docs.example/a b",
            " http://docs.example/",
        ),
        *("http://docs.example/\r\nX: y", "http://docs.example/\x00", "http://docs\t.example/"),
        *("http://docs.example:8080/", "http://docs.example:0/", "http://docs.example:99999/"),
        *("http://docs.example:x/", "http://[::1", "http://[fe80::1%25eth0]/", "http://a_b!c/"),
        *("http://docs.example/" + "a" * 2_000, "http://docs.example/" + "ä" * 1_000),
        *("http://" + "a" * 254 + "/", "http://x..ä/"),
    ],
)
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest):
        parse_web_address(url)


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("HTTPS://Docs.Example", "https://docs.example/"),
        ("https://docs.example.:443/a?b=c#d", "https://docs.example/a?b=c"),
        ("http://docs.example:443/", "http://docs.example:443/"),
        ("https://straße.example/ü?q=ä b".replace(" ", "+"), None),
        ("https://docs.example/%C3%BC?x=%20", "https://docs.example/%C3%BC?x=%20"),
        ("http://[2606:2800::1]/", "http://[2606:2800::1]/"),
    ],
)
def test_an_address_is_written_in_one_way(url: str, normal: str | None) -> None:
    address = parse_web_address(url)
    assert str(address) == (normal or "https://xn--strae-oqa.example/%C3%BC?q=%C3%A4+b")
    assert parse_web_address(str(address)) == address
