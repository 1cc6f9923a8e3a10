"""Every payment method, refund and bill that PyPI's wechatpayv3 knows, against the sandbox."""
import datetime
import gzip
import hashlib
import itertools
import json
import pathlib
import tempfile
import time
import unittest

from wechatpayv3 import WeChatPayType

from local_client import local_client
from sandbox import NotifyServer, Sandbox

_sandbox = Sandbox()
_numbers = itertools.count(int(time.time()))
BEIJING = datetime.timezone(datetime.timedelta(hours=8))
SCENE = {"payer_client_ip": "203.0.113.7"}
H5_SCENE = {**SCENE, "h5_info": {"type": "Wap"}}
STORE_SCENE = {"device_id": "POS1", "store_info": {"out_id": "shop-7"}}


def setUpModule():
    _sandbox.__enter__()


def tearDownModule():
    _sandbox.__exit__()
    if _sandbox.exit_code != 0:
        raise AssertionError(f"the sandbox did not end well on SIGTERM: exit code {_sandbox.exit_code}")


class Methods(unittest.TestCase):
    """What all of them need."""

    key_mode = "migrating"
    role = "merchant"
    public_key = False
    total = 1280
    extra = {}  # what a service provider says besides

    def setUp(self):
        self.merchant, self.user = _sandbox.merchant(self.key_mode, self.role)
        self.openid = self.user["openid"]
        self.client = local_client(
            _sandbox, self.merchant, self.public_key, partner_mode=self.role == "partner")
        self.server = NotifyServer()
        self.server.__enter__()
        self.addCleanup(self.server.__exit__)

    def number(self, prefix="method"):
        return f"{prefix}{next(_numbers)}"

    def ok(self, answer, status=200):
        """The body of an answer that must have this status. The client verifies each 2xx answer, or raises."""
        code, text = answer
        self.assertEqual(code, status, text)
        return json.loads(text) if text else None

    def refused(self, answer, status, code):
        got, text = answer
        self.assertEqual((got, json.loads(text)["code"]), (status, code), text)

    def pay(self, pay_type, number=None, **changes):
        number = number or self.number()
        arguments = {
            "description": "一斤苹果", "out_trade_no": number, "amount": {"total": self.total, "currency": "CNY"},
            "notify_url": self.server.url, "pay_type": pay_type, **self.extra, **changes,
        }
        return number, self.client.pay(**arguments)

    def payer(self):
        return {"sp_openid": self.openid} if self.role == "partner" else {"openid": self.openid}

    def sub(self):
        return {"sub_mchid": self.extra["sub_mchid"]} if self.extra else {}

    def query(self, number):
        return self.ok(self.client.query(out_trade_no=number, **self.sub()))

    def at_the_phone(self, outcome="success", **which):
        return _sandbox.control("pay", {**which, "openid": self.openid, "outcome": outcome})

    def notified(self, event_type):
        notification = self.server.next()
        envelope = self.client.callback(notification.headers, notification.body)
        self.assertIsNotNone(envelope, "the client refused a genuine notification")
        self.assertEqual(envelope["event_type"], event_type)
        return envelope["resource"]

    def bought(self):
        """A paid order: its number and its transaction."""
        number, answer = self.pay(WeChatPayType.JSAPI, payer=self.payer())
        self.at_the_phone(prepay_id=self.ok(answer)["prepay_id"])
        return number, self.notified("TRANSACTION.SUCCESS")


class WaysToPay(Methods):
    def assert_paid(self, number, trade_type):
        resource = self.notified("TRANSACTION.SUCCESS")
        self.assertEqual(resource["out_trade_no"], number)
        self.assertEqual(resource["trade_type"], trade_type)
        self.assertEqual(resource["amount"]["total"], self.total)
        found = self.query(number)
        self.assertEqual(found["trade_state"], "SUCCESS")
        self.assertEqual(found["transaction_id"], resource["transaction_id"])
        for name, value in self.sub().items():
            self.assertEqual(found[name], value)

    def test_jsapi_and_mini_program(self):
        for pay_type in (WeChatPayType.JSAPI, WeChatPayType.MINIPROG):
            number, answer = self.pay(pay_type, payer=self.payer())
            self.at_the_phone(prepay_id=self.ok(answer)["prepay_id"])
            self.assert_paid(number, "JSAPI")

    def test_app(self):
        number, answer = self.pay(WeChatPayType.APP)
        self.at_the_phone(prepay_id=self.ok(answer)["prepay_id"])
        self.assert_paid(number, "APP")

    def test_native(self):
        number, answer = self.pay(WeChatPayType.NATIVE)
        code_url = self.ok(answer)["code_url"]
        self.assertTrue(code_url.startswith("weixin://wxpay/bizpayurl"), code_url)
        self.at_the_phone(code_url=code_url)
        self.assert_paid(number, "NATIVE")

    def test_h5(self):
        number, answer = self.pay(WeChatPayType.H5, scene_info=H5_SCENE)
        h5_url = self.ok(answer)["h5_url"]
        self.assertTrue(h5_url.startswith(_sandbox.url + "/"), h5_url)
        self.at_the_phone(h5_url=h5_url)
        self.assert_paid(number, "MWEB")

    def test_an_order_of_one_kind_is_not_placed_again_as_another(self):
        number, answer = self.pay(WeChatPayType.APP)
        self.ok(answer)
        self.refused(self.pay(WeChatPayType.NATIVE, number)[1], 400, "INVALID_REQUEST")

    def test_every_kind_can_be_closed(self):
        kinds = [
            (WeChatPayType.JSAPI, {"payer": self.payer()}), (WeChatPayType.APP, {}), (WeChatPayType.NATIVE, {}),
            (WeChatPayType.H5, {"scene_info": H5_SCENE}),
        ]
        for pay_type, changes in kinds:
            number, answer = self.pay(pay_type, **changes)
            self.ok(answer)
            code, body = self.client.close(number, **self.sub())
            self.assertEqual((code, len(body)), (204, 0))
            self.assertEqual(self.query(number)["trade_state"], "CLOSED")


class WaysToPayOfAServiceProvider(WaysToPay):
    """The same through /v3/pay/partner/…, for a merchant below a service provider."""

    key_mode = "certificate"
    role = "partner"
    extra = {"sub_mchid": "1900000101"}


class CodePay(Methods):
    def charge(self, auth_code=None, **user):
        auth_code = auth_code or _sandbox.control("auth-code", {"openid": self.openid, **user})["auth_code"]
        number, answer = self.pay(WeChatPayType.CODEPAY, payer={"auth_code": auth_code}, scene_info=STORE_SCENE)
        return number, answer, auth_code

    def test_pays_at_once_and_takes_a_code_once(self):
        number, answer, auth_code = self.charge()
        self.assertEqual(self.ok(answer)["trade_state"], "SUCCESS")
        self.assertEqual(self.query(number)["trade_type"], "MICROPAY")
        self.assertTrue(self.server.is_idle, "code pay has no notification")
        self.assertGreaterEqual(self.charge(auth_code)[1][0], 400)

    def test_asks_for_the_password(self):
        number, answer, _ = self.charge(password=True)
        self.refused(answer, 202, "USERPAYING")
        self.assertEqual(self.query(number)["trade_state"], "USERPAYING")
        _sandbox.control("confirm-code", {"mchid": self.merchant["mchid"], "out_trade_no": number, "outcome": "success"})
        self.assertEqual(self.query(number)["trade_state"], "SUCCESS")

    def test_is_reversed_paid_and_unpaid(self):
        for password in (False, True):
            number, _, _ = self.charge(password=password)
            _sandbox.advance(seconds=16)
            self.assertEqual(self.ok(self.client.codepay_reverse(number))["out_trade_no"], number)
            self.assertEqual(self.query(number)["trade_state"], "REVOKED")


class Combined(Methods):
    def combine(self, pay_type=WeChatPayType.JSAPI):
        subs = [
            {
                "mchid": self.merchant["mchid"], "attach": f"shelf={amount}", "out_trade_no": self.number("sub"),
                "description": "苹果", "amount": {"total_amount": amount, "currency": "CNY"},
            }
            for amount in (100, 250)
        ]
        number = self.number("combine")
        answer = self.client.combine_pay(
            combine_out_trade_no=number, sub_orders=subs, combine_payer_info={"openid": self.openid},
            scene_info=H5_SCENE if pay_type == WeChatPayType.H5 else SCENE, notify_url=self.server.url, pay_type=pay_type)
        return number, subs, self.ok(answer)

    def test_pays_both_with_one_notification_and_refunds_one(self):
        number, subs, answer = self.combine()
        self.at_the_phone(prepay_id=answer["prepay_id"])
        resource = self.notified("TRANSACTION.SUCCESS")
        self.assertTrue(self.server.is_idle, "one notification for all")
        self.assertEqual(resource["combine_out_trade_no"], number)
        found = self.ok(self.client.combine_query(number))
        self.assertEqual(
            [(sub["out_trade_no"], sub["trade_state"], sub["amount"]["total_amount"]) for sub in found["sub_orders"]],
            [(sub["out_trade_no"], "SUCCESS", sub["amount"]["total_amount"]) for sub in subs])
        refund = self.ok(self.client.refund(
            out_refund_no=self.number("refund"), transaction_id=found["sub_orders"][1]["transaction_id"],
            amount={"refund": 250, "total": 250, "currency": "CNY"}))
        self.assertEqual(refund["out_trade_no"], subs[1]["out_trade_no"])

    def test_every_kind_is_placed_and_closed_whole(self):
        for pay_type, field in [
            (WeChatPayType.JSAPI, "prepay_id"), (WeChatPayType.APP, "prepay_id"), (WeChatPayType.NATIVE, "code_url"),
            (WeChatPayType.H5, "h5_url"),
        ]:
            number, subs, answer = self.combine(pay_type)
            self.assertIn(field, answer)
            named = [{"mchid": sub["mchid"], "out_trade_no": sub["out_trade_no"]} for sub in subs]
            self.refused(self.client.combine_close(number, named[:1]), 400, "INVALID_REQUEST")
            code, body = self.client.combine_close(number, named)
            self.assertEqual((code, len(body)), (204, 0), body)
            states = {sub["trade_state"] for sub in self.ok(self.client.combine_query(number))["sub_orders"]}
            self.assertEqual(states, {"CLOSED"})


class Refunds(Methods):
    def refund(self, order, amount, number=None, **changes):
        return self.client.refund(
            out_refund_no=number or self.number("refund"), out_trade_no=order, reason="坏了",
            amount={"refund": amount, "total": self.total, "currency": "CNY"}, notify_url=self.server.url, **self.sub(),
            **changes)

    def steer(self, number, outcome):
        _sandbox.control(
            "refunds/outcome", {"mchid": self.merchant["mchid"], "out_refund_no": number, "outcome": outcome})

    def test_a_part_and_the_rest_and_not_a_fen_more(self):
        order, resource = self.bought()
        first = self.number("refund")
        accepted = self.ok(self.refund(order, 500, first))
        self.assertEqual(accepted["status"], "PROCESSING")
        self.assertEqual(accepted["transaction_id"], resource["transaction_id"])
        self.assertEqual(self.ok(self.refund(order, 500, first))["refund_id"], accepted["refund_id"], "the same again")
        self.refused(self.refund(order, 501, first), 400, "INVALID_REQUEST")
        _sandbox.advance(seconds=61)
        done = self.notified("REFUND.SUCCESS")
        self.assertEqual((done["out_refund_no"], done["refund_status"]), (first, "SUCCESS"))
        found = self.ok(self.client.query_refund(first, **self.sub()))
        self.assertEqual((found["status"], found["amount"]["refund"]), ("SUCCESS", 500))
        self.refused(self.refund(order, self.total - 499), 400, "INVALID_REQUEST")
        self.ok(self.refund(order, self.total - 500))
        _sandbox.advance(seconds=61)
        self.notified("REFUND.SUCCESS")
        self.assertEqual(self.query(order)["trade_state"], "REFUND")

    def test_an_unknown_refund_and_an_unpaid_order(self):
        self.refused(self.client.query_refund(self.number("never"), **self.sub()), 404, "RESOURCE_NOT_EXISTS")
        number, answer = self.pay(WeChatPayType.JSAPI, payer=self.payer())
        self.ok(answer)
        self.refused(self.refund(number, 1), 404, "RESOURCE_NOT_EXISTS")


class RefundsOfAServiceProvider(Refunds):
    key_mode = "certificate"
    role = "partner"
    extra = {"sub_mchid": "1900000101"}


class AbnormalRefunds(Refunds):
    """The bank does not take the money back: fields that are encrypted for WeChat, by each of its keys."""

    public_key = True

    def abnormal(self, client):
        order, _ = self.bought()
        number = self.number("refund")
        refund = self.ok(self.refund(order, 500, number))
        self.steer(number, "abnormal")
        _sandbox.advance(seconds=61)
        self.notified("REFUND.ABNORMAL")
        again = self.ok(client.abnormal_refund(
            refund["refund_id"], number, "USER_BANK_CARD", bank_type="ICBC_DEBIT", bank_account="6222020000000000",
            real_name="张三"))
        self.assertEqual(again["status"], "PROCESSING")
        _sandbox.advance(seconds=61)
        self.notified("REFUND.SUCCESS")
        self.assertEqual(self.ok(self.client.query_refund(number))["status"], "SUCCESS")

    def test_is_applied_for_again_with_fields_for_the_public_key(self):
        self.abnormal(self.client)

    def test_is_applied_for_again_with_fields_for_the_certificate(self):
        self.abnormal(local_client(_sandbox, self.merchant, False))


class Bills(Methods):
    """Yesterday's bill has what was bought, and its hash is right, plain and compressed."""

    def fetch(self, answer):
        self.assertEqual(answer["hash_type"], "SHA1")
        code, data = self.client.download_bill(answer["download_url"])
        self.assertEqual(code, 200, data)
        if "tartype=gzip" in answer["download_url"]:
            self.assertEqual(data[:2], b"\x1f\x8b")
            data = gzip.decompress(data)
        self.assertEqual(hashlib.sha1(data).hexdigest(), answer["hash_value"].lower())
        self.assertTrue(data.startswith(b"\xef\xbb\xbf") and data.endswith(b"\r\n"))
        return [line.split(",") for line in data.decode("utf-8-sig").split("\r\n")[:-1]]

    def test_trade_and_fund_flow_bills(self):
        order, resource = self.bought()
        refund = self.ok(self.client.refund(
            out_refund_no=self.number("refund"), out_trade_no=order, reason="坏了",
            amount={"refund": 500, "total": self.total, "currency": "CNY"}))
        day = datetime.datetime.fromisoformat(resource["success_time"]).astimezone(BEIJING)
        date = day.strftime("%Y-%m-%d")
        code, _ = self.client.trade_bill(date)
        self.assertEqual(code, 400, "a day that is not over has no bill")
        # To 10:00 of the next day in Beijing, when bills are there.
        ten = (day + datetime.timedelta(days=1)).replace(hour=10, minute=1, second=0, microsecond=0)
        _sandbox.advance(seconds=int((ten - day).total_seconds()))
        for answer in (self.client.trade_bill(date), self.plain_trade_bill(date)):
            lines = self.fetch(self.ok(answer))
            header = lines[0]
            self.assertEqual(len(header), 27)
            rows = [dict(zip(header, (value.lstrip("`") for value in line))) for line in lines[1:-2]]
            mine = [row for row in rows if row["商户订单号"] == order]
            self.assertEqual([row["交易状态"] for row in mine], ["SUCCESS", "REFUND"])
            self.assertEqual(mine[0]["订单金额"], "12.80")
            self.assertEqual(mine[0]["微信订单号"], resource["transaction_id"])
            self.assertEqual((mine[1]["申请退款金额"], mine[1]["微信退款单号"]), ("5.00", refund["refund_id"]))
            self.assertEqual(int(float(lines[-1][0].lstrip("`"))), len(rows))
        flow = self.fetch(self.ok(self.client.fundflow_bill(date)))
        self.assertEqual(len(flow[0]), 11)
        only_success = self.fetch(self.ok(self.client.trade_bill(date, bill_type="SUCCESS")))
        self.assertEqual(len(only_success[0]), 20)

    def plain_trade_bill(self, date):
        """The client always names a tar_type; WeChat gives the plain file to who leaves it out."""
        return self.client._core.request(f"/v3/bill/tradebill?bill_date={date}")

    def test_a_day_without_trades(self):
        code, text = self.client.trade_bill("2001-01-01")
        self.assertEqual(code, 400, text)


class Uploads(Methods):
    """Of an upload this client signs the description alone; its Content-Type names no boundary."""

    def test_pictures_and_videos_get_ids_and_a_wrong_picture_none(self):
        content = bytes(range(256)) * 500 + b"\r\n--\r\n"
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "licence.png")
            path.write_bytes(content)
            ids = [
                self.ok(self.client.image_upload(str(path)))["media_id"],
                self.ok(self.client.image_upload(str(path), "证照.jpg"))["media_id"],
                self.ok(self.client.video_upload(str(path), "shop.mp4"))["media_id"],
            ]
            self.assertEqual(len(set(ids)), 3)
            self.refused(self.client.image_upload(str(path), "shop.mp4"), 400, "PARAM_ERROR")
            path.write_bytes(bytes(2 * 1024 * 1024 + 1))
            self.refused(self.client.image_upload(str(path)), 400, "PARAM_ERROR")
            self.ok(self.client.video_upload(str(path), "shop.mp4"))


class Faults(Methods):
    """A client that verifies must raise where the answer is not WeChat's."""

    def setUp(self):
        super().setUp()
        self.addCleanup(_sandbox.remove_faults)

    def test_forged_answers_are_not_believed(self):
        for fault in ("signtest", "wrong_signature"):
            _sandbox.remove_faults()
            _sandbox.control("faults", {"match": {"path": "/v3/pay/transactions/jsapi"}, "do": fault})
            with self.assertRaises(Exception, msg=fault):
                self.pay(WeChatPayType.JSAPI, payer=self.payer())

    def test_a_broken_connection_and_a_limit(self):
        _sandbox.control("faults", {"match": {"path": "/v3/pay/transactions/jsapi", "nth": 1}, "do": "timeout_after"})
        number = self.number()
        with self.assertRaises(OSError):
            self.pay(WeChatPayType.JSAPI, number, payer=self.payer())
        self.assertEqual(self.query(number)["trade_state"], "NOTPAY", "it took effect all the same")
        _sandbox.control("faults", {"do": "frequency_limit", "limit": 1, "seconds": 3600, "match": {"path": "/v3/pay/*"}})
        self.query(number)
        self.refused(self.client.query(out_trade_no=number), 429, "FREQUENCY_LIMITED")

    def test_a_probe_is_refused_and_the_real_notification_follows(self):
        _sandbox.control("faults", {"match": {"on": "notification"}, "do": "signtest"})
        self.server.answer_next_with(401)
        number, answer = self.pay(WeChatPayType.JSAPI, payer=self.payer())
        self.at_the_phone(prepay_id=self.ok(answer)["prepay_id"])
        probe = self.server.next()
        self.assertTrue(probe.headers["Wechatpay-Signature"].startswith("WECHATPAY/SIGNTEST/"))
        try:
            self.assertIsNone(self.client.callback(probe.headers, probe.body))
        except ValueError:
            pass  # the client chokes on what is not Base64: refused too
        _sandbox.advance(seconds=15)
        self.assertEqual(self.notified("TRANSACTION.SUCCESS")["out_trade_no"], number)


class KeyRotation(Methods):
    """A client that downloads certificates lives through a change of them. Its own sandbox, since keys stay changed."""

    def setUp(self):
        self.own = Sandbox()
        self.own.__enter__()
        self.addCleanup(self.own.__exit__)
        self.merchant, _ = self.own.merchant("migrating")
        self.client = local_client(self.own, self.merchant, False)

    def test_a_new_certificate_by_share_then_alone(self):
        for share in (0, 0.5, 1):
            keys = self.own.control("keys/rotate", {"mchid": self.merchant["mchid"], "to": "certificate", "share": share})
            self.assertEqual(len(keys["certificates"]), 2)
            for _ in range(10):
                # Answers of 2xx are verified by whichever certificate they name.
                self.assertEqual(self.client._core.request("/v3/certificates")[0], 200)
        serials = {f"{certificate.serial_number:040X}" for certificate in self.client._core._certificates}
        self.assertIn(keys["certificates"][-1]["serial_no"], serials)

    def test_the_switch_to_the_public_key(self):
        self.own.control("keys/rotate", {"mchid": self.merchant["mchid"], "to": "public_key", "share": 1})
        self.assertEqual(self.own.look(f"keys/{self.merchant['mchid']}")["key_mode"], "public_key")
        with_public_key = local_client(self.own, self.merchant, True)
        self.assertEqual(with_public_key._core.request("/v3/certificates", skip_verify=True)[0], 404)


if __name__ == "__main__":
    unittest.main()
