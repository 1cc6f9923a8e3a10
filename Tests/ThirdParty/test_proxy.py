"""PyPI's wechatpayv3 with no change at all: WeChat's own addresses, HTTPS_PROXY and the sandbox's certificate authority."""
import contextlib
import json
import os
import socket
import time
import unittest
import unittest.mock
import urllib.parse

import requests
import wechatpayv3

from local_client import arguments
from sandbox import PATIENCE, NotifyServer, Sandbox

_sandbox = Sandbox("--proxy-port", "0", "--tls-port", "0")
WECHAT = "https://api.mch.weixin.qq.com"


def setUpModule():
    _sandbox.__enter__()


def tearDownModule():
    _sandbox.__exit__()
    if _sandbox.exit_code != 0:
        raise AssertionError(f"the sandbox did not end well on SIGTERM: exit code {_sandbox.exit_code}")


@contextlib.contextmanager
def environment():
    """What a person sets in the shell, and nothing else."""
    names = {"HTTPS_PROXY": _sandbox.urls["sandbox-proxy"], "HTTP_PROXY": _sandbox.urls["sandbox-proxy"]}
    names |= {name.lower(): value for name, value in names.items()}
    names |= {"REQUESTS_CA_BUNDLE": str(_sandbox.state / "ca.pem"), "NO_PROXY": "", "no_proxy": ""}
    with unittest.mock.patch.dict(os.environ, names):
        yield


class UnchangedClient(unittest.TestCase):
    def buy(self, key_mode, public_key):
        merchant, user = _sandbox.merchant(key_mode)
        with environment(), NotifyServer() as server:
            client = wechatpayv3.WeChatPay(**arguments(_sandbox, merchant, public_key))
            self.assertEqual(client._core._gate_way, WECHAT)
            number = f"proxy{key_mode.replace('_', '')}{int(public_key)}{int(time.time())}"
            code, text = client.pay(
                description="一斤苹果", out_trade_no=number, amount={"total": 100}, payer={"openid": user["openid"]},
                notify_url=server.url)
            self.assertEqual(code, 200, text)
            prepay_id = json.loads(text)["prepay_id"]
            with unittest.mock.patch.dict(os.environ, {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}):
                _sandbox.control("pay", {"prepay_id": prepay_id, "openid": user["openid"]})
            notification = server.next()
            envelope = client.callback(notification.headers, notification.body)
            self.assertEqual(envelope["resource"]["out_trade_no"], number)
            code, text = client.query(out_trade_no=number)
            self.assertEqual((code, json.loads(text)["trade_state"]), (200, "SUCCESS"))

    def test_buys_with_certificates(self):
        self.buy("migrating", False)

    def test_buys_with_the_public_key(self):
        self.buy("public_key", True)

    def test_urls_in_answers_are_wechats_own(self):
        """A client that was pointed here by the proxy is sent on by the same way."""
        merchant, _ = _sandbox.merchant("migrating")
        with environment():
            client = wechatpayv3.WeChatPay(**arguments(_sandbox, merchant, False))
            code, text = client.pay(
                description="苹果", out_trade_no=f"proxyh5{int(time.time())}", amount={"total": 100},
                notify_url="https://pay.example.com/n", pay_type=wechatpayv3.WeChatPayType.H5,
                scene_info={"payer_client_ip": "203.0.113.7", "h5_info": {"type": "Wap"}})
            self.assertEqual(code, 200, text)
            h5_url = json.loads(text)["h5_url"]
            self.assertTrue(h5_url.startswith(WECHAT + "/"), h5_url)
            self.assertEqual(requests.get(h5_url, timeout=PATIENCE).status_code, 200)


class Proxy(unittest.TestCase):
    def test_every_host_with_and_without_tls(self):
        with environment():
            for host in ("api.mch.weixin.qq.com", "api2.mch.weixin.qq.com", "api.weixin.qq.com", "api.wechatpay.cn",
                         "api2.wechatpay.cn", "API.MCH.WEIXIN.QQ.COM"):
                for scheme in ("https", "http"):
                    answer = requests.get(f"{scheme}://{host}/v3/certificates", timeout=PATIENCE)
                    self.assertEqual(answer.status_code, 401, f"{scheme}://{host}")

    def test_other_hosts_and_ports_are_refused(self):
        with environment():
            for url in ("http://example.com/", "http://api.mch.weixin.qq.com.evil.example/", "http://127.0.0.1:22/"):
                answer = requests.get(url, timeout=PATIENCE)
                self.assertEqual(answer.status_code, 403, url)
                self.assertIn("api.mch.weixin.qq.com", answer.text)
            for url in ("https://example.com/", "https://api.mch.weixin.qq.com.evil.example/", "https://api.mch.weixin.qq.com:22/"):
                with self.assertRaises(requests.exceptions.ProxyError) as caught:
                    requests.get(url, timeout=PATIENCE)
                self.assertIn("403", str(caught.exception))

    def test_nobody_gets_this_machines_rights_through_it(self):
        with environment():
            for headers in ({}, {"Host": "localhost"}):
                answer = requests.get(f"{WECHAT}/_sandbox/clock", headers=headers, timeout=PATIENCE)
                self.assertEqual(answer.status_code, 403)

    # bytes on the wire

    def raw(self, *pieces, close=False):
        """Sends pieces one by one, and reads to the end of the connection."""
        address = urllib.parse.urlsplit(_sandbox.urls["sandbox-proxy"])
        with socket.create_connection((address.hostname, address.port), timeout=PATIENCE) as connection:
            for piece in pieces:
                connection.sendall(piece)
            if close:
                connection.shutdown(socket.SHUT_WR)
            data = b""
            while chunk := connection.recv(65536):
                data += chunk
            return data

    def test_a_client_that_has_said_all_still_gets_its_answer(self):
        request = b"GET http://api.mch.weixin.qq.com/nothing HTTP/1.1\r\nHost: api.mch.weixin.qq.com\r\n\r\n"
        self.assertTrue(self.raw(request, close=True).startswith(b"HTTP/1.1 404"))
        tunnel = b"CONNECT api.mch.weixin.qq.com:80 HTTP/1.1\r\n\r\n"
        inner = b"GET /nothing HTTP/1.1\r\nHost: api.mch.weixin.qq.com\r\nConnection: close\r\n\r\n"
        data = self.raw(tunnel + inner, close=True)
        self.assertTrue(data.startswith(b"HTTP/1.1 200 "), data)
        self.assertIn(b"HTTP/1.1 404", data)

    def test_a_head_in_pieces_is_one_head(self):
        request = b"GET http://api.mch.weixin.qq.com/nothing HTTP/1.1\r\nHost: api.mch.weixin.qq.com\r\n\r\n"
        self.assertTrue(self.raw(*(request[i : i + 1] for i in range(len(request)))).startswith(b"HTTP/1.1 404"))

    def test_a_second_request_on_the_connection_reaches_nobody(self):
        good = b"GET http://api.mch.weixin.qq.com/nothing HTTP/1.1\r\nHost: api.mch.weixin.qq.com\r\n\r\n"
        evil = b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n"
        self.assertEqual(self.raw(good + evil).count(b"HTTP/1.1 "), 1)

    def test_an_endless_head_ends(self):
        self.assertTrue(self.raw(b"GET http://api.mch.weixin.qq.com/ HTTP/1.1\r\nA: " + b"b" * 40_000).startswith(b"HTTP/1.1 431"))

    def test_half_a_head_is_answered_by_nothing(self):
        self.assertEqual(self.raw(b"CONNECT api.mch", close=True), b"")


class DirectTLS(unittest.TestCase):
    def test_who_trusts_the_authority_may_speak_https_without_the_proxy(self):
        url = _sandbox.urls["sandbox-tls"]
        with unittest.mock.patch.dict(os.environ, {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}):
            answer = requests.get(url, verify=str(_sandbox.state / "ca.pem"), timeout=PATIENCE)
            self.assertEqual(answer.status_code, 200)
            with self.assertRaises(requests.exceptions.SSLError):
                requests.get(url, timeout=PATIENCE)

    def test_files_and_their_modes(self):
        modes = {name: (_sandbox.state / name).stat().st_mode & 0o777 for name in
                 ("ca.pem", "ca_key.pem", "server_cert.pem", "server_key.pem")}
        self.assertEqual(modes, {"ca.pem": 0o644, "ca_key.pem": 0o600, "server_cert.pem": 0o644, "server_key.pem": 0o600})


if __name__ == "__main__":
    unittest.main()
