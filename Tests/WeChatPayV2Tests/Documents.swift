/// Signed documents with the key of WeChat's own example; their signatures were computed elsewhere.
enum Documents {
    static let key = "192006250b4c09247ec02edce69f6a2d"

    static let orderRequest = """
        <xml>
        <appid><![CDATA[wxd930ea5d5a258f4f]]></appid>
        <mch_id><![CDATA[10000100]]></mch_id>
        <nonce_str><![CDATA[1add1a30ac87aa2db72f57a2375d8fec]]></nonce_str>
        <sign_type><![CDATA[HMAC-SHA256]]></sign_type>
        <body><![CDATA[JSAPI支付测试]]></body>
        <attach><![CDATA[a&b<c>]]></attach>
        <out_trade_no><![CDATA[1415659990]]></out_trade_no>
        <total_fee>100</total_fee>
        <spbill_create_ip><![CDATA[14.23.150.211]]></spbill_create_ip>
        <notify_url><![CDATA[https://pay.example.com/notify/v2]]></notify_url>
        <trade_type><![CDATA[JSAPI]]></trade_type>
        <openid><![CDATA[oUpF8uMuAJO_M2pxb1Q9zNjWeS6o]]></openid>
        <sign><![CDATA[2F0F2669493821F0361EFEB909C521574376CAC9A2D49B30D84398424CD01A40]]></sign>
        </xml>
        """

    static let orderReply = """
        <xml>
        <return_code><![CDATA[SUCCESS]]></return_code>
        <return_msg><![CDATA[OK]]></return_msg>
        <appid><![CDATA[wxd930ea5d5a258f4f]]></appid>
        <mch_id><![CDATA[10000100]]></mch_id>
        <nonce_str><![CDATA[IITRi8Iabbblz1Jc]]></nonce_str>
        <result_code><![CDATA[SUCCESS]]></result_code>
        <prepay_id><![CDATA[wx201411101639507cbf6ffd8b0779950874]]></prepay_id>
        <trade_type><![CDATA[JSAPI]]></trade_type>
        <sign><![CDATA[12AEAC49895C58E07922F68A21BF6D83]]></sign>
        </xml>
        """

    static let notification = """
        <xml>
        <return_code><![CDATA[SUCCESS]]></return_code>
        <appid><![CDATA[wxd930ea5d5a258f4f]]></appid>
        <mch_id><![CDATA[10000100]]></mch_id>
        <device_info><![CDATA[]]></device_info>
        <nonce_str><![CDATA[5d2b6c2a8db53831f7eda20af46e531c]]></nonce_str>
        <result_code><![CDATA[SUCCESS]]></result_code>
        <openid><![CDATA[oUpF8uMEb4qRXf22hE3X68TekukE]]></openid>
        <is_subscribe><![CDATA[Y]]></is_subscribe>
        <trade_type><![CDATA[JSAPI]]></trade_type>
        <bank_type><![CDATA[CFT]]></bank_type>
        <fee_type><![CDATA[CNY]]></fee_type>
        <total_fee>100</total_fee>
        <cash_fee>85</cash_fee>
        <coupon_fee>15</coupon_fee>
        <coupon_count>2</coupon_count>
        <coupon_type_0><![CDATA[CASH]]></coupon_type_0>
        <coupon_id_0><![CDATA[10000]]></coupon_id_0>
        <coupon_fee_0>10</coupon_fee_0>
        <coupon_type_1><![CDATA[NO_CASH]]></coupon_type_1>
        <coupon_id_1><![CDATA[10001]]></coupon_id_1>
        <coupon_fee_1>5</coupon_fee_1>
        <settlement_total_fee>95</settlement_total_fee>
        <transaction_id><![CDATA[1004400740201409030005092168]]></transaction_id>
        <out_trade_no><![CDATA[1409811653]]></out_trade_no>
        <attach><![CDATA[支付测试]]></attach>
        <time_end><![CDATA[20140903131540]]></time_end>
        <sign><![CDATA[78B25F6680F8B3CEAC82FDDF6E45BDFB]]></sign>
        </xml>
        """

    static let refundReply = """
        <xml>
        <return_code><![CDATA[SUCCESS]]></return_code>
        <return_msg><![CDATA[OK]]></return_msg>
        <appid><![CDATA[wxd930ea5d5a258f4f]]></appid>
        <mch_id><![CDATA[10000100]]></mch_id>
        <nonce_str><![CDATA[NfsMFbUFpdbEhPXP]]></nonce_str>
        <result_code><![CDATA[SUCCESS]]></result_code>
        <transaction_id><![CDATA[1004400740201409030005092168]]></transaction_id>
        <out_trade_no><![CDATA[1409811653]]></out_trade_no>
        <out_refund_no><![CDATA[R1409811653-1]]></out_refund_no>
        <refund_id><![CDATA[2008450740201411110000174436]]></refund_id>
        <refund_channel><![CDATA[]]></refund_channel>
        <refund_fee>100</refund_fee>
        <total_fee>100</total_fee>
        <cash_fee>100</cash_fee>
        <cash_refund_fee>100</cash_refund_fee>
        <coupon_refund_fee>0</coupon_refund_fee>
        <coupon_refund_count>0</coupon_refund_count>
        <sign><![CDATA[EC4E6D572C07123672AE3B3933B7A42D]]></sign>
        </xml>
        """
}
