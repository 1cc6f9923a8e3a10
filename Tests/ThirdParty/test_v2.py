"""PyPI's wechatpy and weixin-python against the sandbox: two clients of API v2 that nobody here wrote."""
import datetime
import itertools
import os
import time
import unittest
import unittest.mock

import requests
import wechatpy.exceptions
import wechatpy.pay
import weixin.pay

from sandbox import NotifyServer, Sandbox

_numbers = itertools.count(int(time.time()))
SUCCESS = b"<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>"
KINDS = {
    "JSAPI": {}, "NATIVE": {"product_id": "7"}, "APP": {},
    "MWEB": {"scene_info": '{"h5_info":{"type":"Wap","wap_url":"https://shop.example.com","wap_name":"店"}}'},
}


def number(kind):
    return f"v2{kind.lower()}{next(_numbers)}"


class Client(unittest.TestCase):
    """Speaks HTTPS to the sandbox by its own address and trusts its authority; nothing else is changed."""

    @classmethod
    def setUpClass(cls):
        # One for each class, since the classes about bills move its clock by days.
        cls.sandbox = Sandbox("--tls-port", "0")
        cls.sandbox.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.sandbox.__exit__()
        if cls.sandbox.exit_code != 0:
            raise AssertionError(f"the sandbox did not end well on SIGTERM: exit code {cls.sandbox.exit_code}")

    def setUp(self):
        names = {"REQUESTS_CA_BUNDLE": str(self.sandbox.state / "ca.pem"), "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        patch = unittest.mock.patch.dict(os.environ, names)
        patch.start()
        self.addCleanup(patch.stop)
        self.merchant, self.user = self.sandbox.merchant("migrating")
        self.server = NotifyServer(SUCCESS)
        self.server.__enter__()
        self.addCleanup(self.server.__exit__)

    def file(self, name):
        return str(self.sandbox.state / self.merchant[name])

    def pay(self, out_trade_no):
        self.sandbox.control(
            "pay", {"out_trade_no": out_trade_no, "mchid": self.merchant["mchid"], "openid": self.user["openid"]})
        return self.server.next().body.decode()

    def business_day(self):
        return datetime.date.fromisoformat(self.sandbox.look("clock")["business_time"][:10])


class WechatpyClient(Client):
    def setUp(self):
        super().setUp()
        base = unittest.mock.patch.object(wechatpy.pay.WeChatPay, "API_BASE_URL", self.sandbox.urls["sandbox-tls"] + "/")
        base.start()
        self.addCleanup(base.stop)
        self.client = self.make()

    def make(self, **changes):
        arguments = {
            "appid": self.merchant["appid"], "api_key": self.merchant["api_v2_key"], "mch_id": self.merchant["mchid"],
            "mch_cert": self.file("certificate"), "mch_key": self.file("private_key"), **changes,
        }
        return wechatpy.pay.WeChatPay(**arguments)

    def order(self, kind, client=None):
        out_trade_no = number(kind)
        answer = (client or self.client).order.create(
            kind, "一斤苹果 & <梨>", 1280, self.server.url, client_ip="203.0.113.7", out_trade_no=out_trade_no,
            user_id=self.user["openid"] if kind == "JSAPI" else None, attach="shelf=7,脆", **KINDS[kind])
        # It does not check answers by itself.
        self.assertTrue((client or self.client).check_signature(dict(answer)))
        return out_trade_no, answer


class Wechatpy(WechatpyClient):
    def test_every_trade_type_is_ordered_paid_notified_and_found(self):
        for kind in KINDS:
            with self.subTest(kind):
                out_trade_no, answer = self.order(kind)
                self.assertEqual(answer["trade_type"], kind)
                self.assertIn({"NATIVE": "code_url", "MWEB": "mweb_url"}.get(kind, "prepay_id"), answer)
                self.assertEqual(self.client.order.query(out_trade_no=out_trade_no)["trade_state"], "NOTPAY")
                notice = self.client.parse_payment_result(self.pay(out_trade_no))
                self.assertEqual((notice["out_trade_no"], notice["total_fee"]), (out_trade_no, 1280))
                found = self.client.order.query(transaction_id=notice["transaction_id"])
                self.assertTrue(self.client.check_signature(dict(found)))
                self.assertEqual((found["trade_state"], found["attach"]), ("SUCCESS", "shelf=7,脆"))

    def test_a_refund_needs_the_certificate_and_is_notified(self):
        out_trade_no, _ = self.order("JSAPI")
        self.pay(out_trade_no)
        refund = {
            "total_fee": 1280, "refund_fee": 280, "out_refund_no": number("r"), "out_trade_no": out_trade_no,
            "notify_url": self.server.url,
        }
        with self.assertRaises(wechatpy.exceptions.WeChatPayException) as raised:
            self.make(mch_cert=None, mch_key=None).refund.apply(**refund)
        self.assertEqual(raised.exception.response.status_code, 400)
        answer = self.client.refund.apply(**refund)
        self.assertTrue(self.client.check_signature(dict(answer)))
        self.assertEqual((answer["refund_fee"], answer["cash_refund_fee"]), ("280", "280"))
        self.sandbox.advance(seconds=10)
        notice = self.client.parse_refund_notify_result(self.server.next().body)
        opened = notice.get("decoded_req_info", notice)
        self.assertEqual((opened["refund_status"], int(opened["refund_fee"])), ("SUCCESS", 280))
        found = self.client.refund.query(out_refund_no=refund["out_refund_no"])
        self.assertEqual((found["refund_status_0"], found["refund_count"]), ("SUCCESS", "1"))

    def test_a_closed_order_stays_closed(self):
        out_trade_no, _ = self.order("NATIVE")
        self.client.order.close(out_trade_no)
        self.assertEqual(self.client.order.query(out_trade_no=out_trade_no)["trade_state"], "CLOSED")
        with self.assertRaises(wechatpy.exceptions.WeChatPayException) as raised:
            self.client.order.close(out_trade_no)
        self.assertEqual(raised.exception.errcode, "ORDERCLOSED")

    def test_a_code_is_charged_and_taken_back(self):
        code = self.sandbox.control("auth-code", {"openid": self.user["openid"]})["auth_code"]
        self.assertEqual(self.client.tools.auto_code_to_openid(code)["openid"], self.user["openid"])
        out_trade_no = number("code")
        paid = self.client.micropay.create("茶", 300, code, client_ip="203.0.113.7", out_trade_no=out_trade_no)
        self.assertEqual((paid["trade_type"], paid["total_fee"]), ("MICROPAY", "300"))
        self.assertEqual(self.client.order.reverse(out_trade_no=out_trade_no)["recall"], "N")
        self.assertEqual(self.client.order.query(out_trade_no=out_trade_no)["trade_state"], "REVOKED")

    def test_its_sandbox_mode_fetches_the_key(self):
        client = self.make(sandbox=True)
        out_trade_no, _ = self.order("JSAPI", client)
        self.assertEqual(client.order.query(out_trade_no=out_trade_no)["trade_state"], "NOTPAY")


class WechatpyBills(WechatpyClient):
    def test_bills_are_text_and_the_fund_flow_needs_hmac(self):
        out_trade_no, _ = self.order("APP")
        self.pay(out_trade_no)
        day = self.business_day()
        self.sandbox.advance(days=2)
        self.assertIn(f",`{out_trade_no},", self.client.tools.download_bill(day))
        self.assertIn("资金流水总笔数", self.client.tools.download_fundflow(day))
        with self.assertRaises(wechatpy.exceptions.WeChatPayException) as raised:
            self.client.tools.download_bill("20000101")
        self.assertEqual(raised.exception.return_code, "FAIL")


class WeixinClient(Client):
    def setUp(self):
        super().setUp()
        base = unittest.mock.patch.object(weixin.pay.WeixinPay, "PAY_HOST", self.sandbox.urls["sandbox-tls"])
        base.start()
        self.addCleanup(base.stop)
        self.client = self.make(self.file("private_key"), self.file("certificate"))

    def make(self, key, certificate):
        return weixin.pay.WeixinPay(
            self.merchant["appid"], self.merchant["mchid"], self.merchant["api_v2_key"], self.server.url, key, certificate)

    def order(self, kind):
        out_trade_no = number(kind)
        answer = self.client.unified_order(
            trade_type=kind, body="一斤苹果", total_fee=1280, out_trade_no=out_trade_no, spbill_create_ip="203.0.113.7",
            **({"openid": self.user["openid"]} if kind == "JSAPI" else {}), **KINDS[kind])
        self.assertTrue(self.client.check(dict(answer)))
        return out_trade_no


class WeixinPython(WeixinClient):
    def test_every_trade_type_is_ordered_paid_notified_and_found(self):
        for kind in KINDS:
            with self.subTest(kind):
                out_trade_no = self.order(kind)
                notice = self.client.to_dict(self.pay(out_trade_no))
                self.assertEqual(notice["out_trade_no"], out_trade_no)
                self.assertTrue(self.client.check(notice))
                found = dict(self.client.order_query(out_trade_no=out_trade_no))
                self.assertEqual(found["trade_state"], "SUCCESS")
                self.assertTrue(self.client.check(found))

    def test_a_refund_goes_over_mutual_tls(self):
        out_trade_no, out_refund_no = self.order("JSAPI"), number("r")
        self.pay(out_trade_no)
        refund = {"out_trade_no": out_trade_no, "out_refund_no": out_refund_no, "total_fee": 1280, "refund_fee": 1280}
        self.assertEqual(self.client.refund(**refund)["refund_fee"], "1280")
        self.sandbox.advance(seconds=10)
        found = self.client.refund_query(out_refund_no=out_refund_no)
        self.assertEqual(found["refund_status_0"], "SUCCESS")
        # The certificate of another merchant is nobody's here.
        other, _ = self.sandbox.merchant("public_key")
        stranger = self.make(str(self.sandbox.state / other["private_key"]), str(self.sandbox.state / other["certificate"]))
        with self.assertRaises(weixin.pay.WeixinPayError):
            stranger.refund(**refund)

    def test_a_closed_order_is_found_closed(self):
        out_trade_no = self.order("NATIVE")
        self.client.close_order(out_trade_no)
        self.assertEqual(self.client.order_query(out_trade_no=out_trade_no)["trade_state"], "CLOSED")


class WeixinPythonBills(WeixinClient):
    def test_bills_are_text(self):
        paid = self.order("APP")
        self.pay(paid)
        day = self.business_day().strftime("%Y%m%d")
        self.sandbox.advance(days=2)
        self.assertIn(f",`{paid},", self.client.download_bill(day))
        with self.assertRaises(weixin.pay.WeixinPayError):
            self.client.download_bill("20000101")


class WithoutACertificate(Client):
    def test_http_400_and_no_xml(self):
        answer = requests.post(self.sandbox.urls["sandbox-tls"] + "/secapi/pay/refund", data=b"<xml></xml>", timeout=30)
        self.assertEqual(answer.status_code, 400)
        self.assertIn("No required SSL certificate was sent", answer.text)


if __name__ == "__main__":
    unittest.main()
