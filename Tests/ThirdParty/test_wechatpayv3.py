"""PyPI's wechatpayv3 against the sandbox, in each key mode: a client that nobody here wrote must find a WeChat Pay."""
import datetime
import itertools
import json
import time
import unittest

from local_client import local_client
from sandbox import NotifyServer, Sandbox

_sandbox = Sandbox()
_numbers = itertools.count(int(time.time()))


def setUpModule():
    _sandbox.__enter__()


def tearDownModule():
    _sandbox.__exit__()
    if _sandbox.exit_code != 0:
        raise AssertionError(f"the sandbox did not end well on SIGTERM: exit code {_sandbox.exit_code}")


def client(merchant, public_key, **changes):
    return local_client(_sandbox, merchant, public_key, **changes)


class Purchase:
    """What both key modes must be able to do. A subclass says which merchant and which key."""

    key_mode = None
    public_key = None
    total = 1280

    def setUp(self):
        self.merchant, self.user = _sandbox.merchant(self.key_mode)
        self.client = client(self.merchant, self.public_key)
        self.server = NotifyServer()
        self.server.__enter__()
        self.addCleanup(self.server.__exit__)

    # steps

    def order(self, **changes):
        """Places an order: (its number, its prepay_id). The client verifies every 2xx answer, or raises."""
        number = f"thirdparty{next(_numbers)}"
        code, text = self.client.pay(**{
            "description": "一斤苹果", "out_trade_no": number, "amount": {"total": self.total, "currency": "CNY"},
            "payer": {"openid": self.user["openid"]}, "notify_url": self.server.url, "attach": "shelf=7&note=脆", **changes,
        })
        self.assertEqual(code, 200, text)
        return number, json.loads(text)["prepay_id"]

    def query(self, **which):
        code, text = self.client.query(**which)
        self.assertEqual(code, 200, text)
        return json.loads(text)

    def buy(self):
        """Orders and pays; the number and the notification that came."""
        number, prepay_id = self.order()
        _sandbox.control("pay", {"prepay_id": prepay_id, "openid": self.user["openid"], "outcome": "success"})
        return number, self.server.next()

    def verify(self, notification, client=None):
        """What the client makes of a notification: None when it is refused."""
        return (client or self.client).callback(notification.headers, notification.body)

    def assert_paid(self, number, notification):
        """The notification is genuine and about this order, and both queries agree with it."""
        envelope = self.verify(notification)
        self.assertIsNotNone(envelope, "the client refused a genuine notification")
        self.assertEqual(envelope["event_type"], "TRANSACTION.SUCCESS")
        self.assertEqual(envelope["resource_type"], "encrypt-resource")
        resource = envelope["resource"]
        self.assertEqual(resource["out_trade_no"], number)
        self.assertEqual(resource["mchid"], self.merchant["mchid"])
        self.assertEqual(resource["appid"], self.merchant["appid"])
        self.assertEqual(resource["trade_state"], "SUCCESS")
        self.assertEqual(resource["payer"]["openid"], self.user["openid"])
        self.assertEqual(resource["attach"], "shelf=7&note=脆")
        self.assertEqual(
            resource["amount"],
            {"total": self.total, "payer_total": self.total, "currency": "CNY", "payer_currency": "CNY"})
        by_number = self.query(out_trade_no=number)
        by_transaction = self.query(transaction_id=resource["transaction_id"])
        self.assertEqual(by_number, by_transaction)
        for field in ("transaction_id", "trade_state", "amount", "success_time", "payer", "trade_type"):
            self.assertEqual(by_number[field], resource[field], field)
        return resource

    # behaviour

    def test_orders_and_queries_an_unpaid_order(self):
        number, prepay_id = self.order()
        self.assertTrue(0 < len(prepay_id) <= 64, prepay_id)
        found = self.query(out_trade_no=number)
        self.assertEqual(found["trade_state"], "NOTPAY")
        self.assertNotIn("transaction_id", found)
        self.assertTrue(self.server.is_idle)

    def test_closes_an_order_which_is_closed_then(self):
        number, prepay_id = self.order()
        code, body = self.client.close(number)
        self.assertEqual((code, len(body)), (204, 0))
        self.assertEqual(self.query(out_trade_no=number)["trade_state"], "CLOSED")
        report = _sandbox.control("pay", {"prepay_id": prepay_id, "openid": self.user["openid"], "outcome": "success"})
        self.assertNotIn("requestPayment:ok", json.dumps(report))
        self.assertEqual(self.query(out_trade_no=number)["trade_state"], "CLOSED")

    def test_verifies_and_opens_the_notification_of_a_payment(self):
        number, notification = self.buy()
        self.assert_paid(number, notification)

    def test_a_paid_order_cannot_be_closed(self):
        number, _ = self.buy()
        code, text = self.client.close(number)
        self.assertEqual(code, 400, text)
        self.assertEqual(json.loads(text)["code"], "ORDERPAID")
        self.assertEqual(self.query(out_trade_no=number)["trade_state"], "SUCCESS")

    def test_a_cancelled_payment_leaves_the_order_unpaid(self):
        number, prepay_id = self.order()
        _sandbox.control("pay", {"prepay_id": prepay_id, "openid": self.user["openid"], "outcome": "cancel"})
        self.assertEqual(self.query(out_trade_no=number)["trade_state"], "NOTPAY")
        self.assertTrue(self.server.is_idle)

    def test_refuses_a_notification_with_one_byte_flipped(self):
        _, notification = self.buy()
        self.assertIsNotNone(self.verify(notification))
        genuine = notification.body
        for place in range(0, len(genuine), max(1, len(genuine) // 40)):
            notification.body = genuine[:place] + bytes([genuine[place] ^ 1]) + genuine[place + 1 :]
            try:
                notification.body.decode("utf-8")
            except UnicodeDecodeError:
                continue  # inside a 汉字: the client cannot even read it
            self.assertIsNone(self.verify(notification), f"byte {place}")

    def test_refuses_a_notification_with_a_changed_signature_timestamp_or_nonce(self):
        _, notification = self.buy()
        genuine = notification.headers
        for name in ("Wechatpay-Signature", "Wechatpay-Timestamp", "Wechatpay-Nonce"):
            value = genuine[name]
            for place in (0, len(value) // 2):
                other = "1" if value[place] != "1" else "2"
                notification.headers = {**genuine, name: value[:place] + other + value[place + 1 :]}
                self.assertIsNone(self.verify(notification), f"{name}, character {place}")
        notification.headers = genuine
        self.assertIsNotNone(self.verify(notification))

    def test_another_key_does_not_open_the_notification(self):
        _, notification = self.buy()
        stranger = client(self.merchant, public_key=True, apiv3_key="0" * 32)
        stranger._core._certificates = list(self.client._core._certificates)
        self.assertIsNone(self.verify(notification, stranger))

    def test_a_notification_that_was_not_taken_comes_again(self):
        self.server.answer_next_with(500)
        number, first = self.buy()
        _sandbox.advance(seconds=15)
        second = self.server.next()
        self.assertEqual(self.verify(first)["id"], self.verify(second)["id"])
        self.assert_paid(number, second)

    def test_still_works_three_days_later(self):
        early_number, early = self.buy()
        before = self.assert_paid(early_number, early)
        unpaid, _ = self.order()
        _sandbox.advance(days=3)
        self.assertEqual(self.query(out_trade_no=unpaid)["trade_state"], "NOTPAY")
        number, notification = self.buy()
        after = self.assert_paid(number, notification)
        self.assertGreaterEqual(moment(after) - moment(before), datetime.timedelta(days=3))
        # Business time moved, wire time did not: a client with the real clock still takes the signature for fresh.
        self.assertLess(abs(int(notification.headers["Wechatpay-Timestamp"]) - time.time()), 300)
        # And so does a client that starts only now.
        self.client = client(self.merchant, self.public_key)
        self.assert_paid(number, notification)

    def test_signs_the_five_fields_of_request_payment(self):
        _, prepay_id = self.order()
        signature = self.client.sign([self.merchant["appid"], str(int(time.time())), "nonce", f"prepay_id={prepay_id}"])
        self.assertGreater(len(signature), 300)

    def test_an_unknown_order_is_told_apart(self):
        code, text = self.client.query(out_trade_no=f"never{next(_numbers)}")
        self.assertEqual(code, 404, text)
        self.assertEqual(json.loads(text)["code"], "ORDER_NOT_EXIST")

    def test_a_request_signed_with_a_wrong_key_is_refused(self):
        other = next(m for m in _sandbox.setup["merchants"] if m["mchid"] != self.merchant["mchid"])
        forger = client(self.merchant, public_key=True, private_key=_sandbox.pem(other, "private_key"))
        code, text = forger.query(out_trade_no=f"forged{next(_numbers)}")
        self.assertEqual(code, 401, text)
        self.assertEqual(json.loads(text)["code"], "SIGN_ERROR")


def moment(resource):
    return datetime.datetime.fromisoformat(resource["success_time"])


class WithPlatformCertificates(Purchase, unittest.TestCase):
    """A merchant of long standing: the client downloads certificates and knows WeChat by them."""

    key_mode = "migrating"
    public_key = False

    def test_the_certificates_are_downloaded_and_opened(self):
        serials = {f"{certificate.serial_number:040X}" for certificate in self.client._core._certificates}
        self.assertEqual(serials, {self.merchant["platform_serial"]})

    def test_the_notification_is_signed_by_the_certificate(self):
        _, notification = self.buy()
        self.assertEqual(notification.headers["Wechatpay-Serial"], self.merchant["platform_serial"])


class WithPublicKey(Purchase, unittest.TestCase):
    """A merchant that joined recently: there are no certificates, the client has WeChat Pay's public key."""

    key_mode = "public_key"
    public_key = True

    def test_there_is_no_certificate_to_download(self):
        code, text = self.client._core.request("/v3/certificates", skip_verify=True)
        self.assertEqual(code, 404, text)
        self.assertEqual(json.loads(text)["code"], "RESOURCE_NOT_EXISTS")

    def test_the_notification_is_signed_by_the_public_key(self):
        _, notification = self.buy()
        self.assertEqual(notification.headers["Wechatpay-Serial"], self.merchant["public_key_id"])


class WhileMigrating(Purchase, unittest.TestCase):
    """A merchant that changes over: the client asks for the public key, notifications may still use the certificate."""

    key_mode = "migrating"
    public_key = True


if __name__ == "__main__":
    unittest.main()
