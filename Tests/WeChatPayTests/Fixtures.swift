/// Keys and certificates for tests, made once with OpenSSL. They open nothing but these tests.
enum Fixtures {
    /// A merchant's private key (PKCS#8).
    static let merchantKeyPEM = """
        -----BEGIN PRIVATE KEY-----
        MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQCq+phFkZXr80KD
        ugD6fY/mtD/4fD4bPnH9aIR+HYT3CorSjcXvh33OjsRJNRw0D23eECoJyWvUlFpy
        dxxIcAos3rUjH8I7v4rVnHdm+ikTBf2kpFKWpA/B8avg3zRMmp5hnluid4guBxaI
        fs2d6FvrnQ+T55Xj7lpHmsJtIm226V1Itav+m8RoK3fEb7PYYHX7toAwe3giZBaw
        RuOTkDxRGHWt7zd02+d7/WcVq1ik85+U09P++dCCNzNu/QUd4w2XbXRkEDFzGIzw
        7zSA+9vyFBfL1fAe8QsGbBO44qEdHpDKn6qYNs6Qu/spVL3ZOHYB+BMA/QGBlf1A
        vd+RdqRdAgMBAAECggEAKFoKE+kfE9eObB462uNFUfJaYp+X3MApEOBY3JbE6bTQ
        PI7/Ft/IPjaNdqWVKWg2ysDP2w1xaHM2wWsA/suKazqIT2jQY196OZ26xE/n37h7
        Ox8Y6rp/iYsqwGCNLEMVe/5uq/I/7nT3yXD7v/e1se6YXZS7WFbJcbrBhhYpBJC9
        Qf7p5WH22e9/c+M4sk/piub5/tbkKf2gt0/Oa4XguovOFjfSpPcIPtzbnb7m0bmi
        G+/Kyr/6Bchz/Q6q7PjtrkTeBR3B10vUex5pYe0m3dEcbas/LNMmmueEh2NhMe2h
        f7P5ccszQOMdlJF7or3scpph0wab3CvG9yawyXUbYQKBgQDuGRSfXXfu+IdpDbhe
        LJ3xYhsMIXrAfJqVTLg0oJTEE+hMwlOLgPdlDdmXcAd2UPj4u0xR2Cjl4uYIRPlu
        if62lp9+WS5DbJWTidxjbcjoj3RD1HTAOCCj7PDdxU1fPS7SsVhZTdJHpSAemeke
        p0GEjl2/Alf8DQXUzdhmzsyI1QKBgQC31Zp2s8d06QGZcN/xKYYKq08BGInLtbaG
        nsDBdvU+ARkLLVoDwt9w+GRJje4XUK2Kq3ws2nwpJA0Yu+dJH44HvEGZyRP3HHsQ
        /Tqye4NxhhPmD4RUCDWXNqSMhEbPjKLncEPF6lWdDE7oEZRNPuHJkhOkfmn8BlIJ
        2LWjqLrxaQKBgFUCYWmQ7qxE0dwBSQ1esrmnRG7tWS12j560uKQZnWPwk6UsULXj
        QvEyo7i9B/0HZg0wmkwyeE+z1lunfMMpw+afGqz63Fi4YSM/Oo/Jd80IwwMgzNqA
        b673fvw/YKObbadOKHQiI+zumOw0GZaXMv5H8lKrXIyifa2AHT5/oWlNAoGANI7k
        X4Wcw+cOJwFndTqK8SfzKXwLgWtNaQWgVG+fQ//qWhC4SJUBbvoFKiZi6NWPGDNZ
        CDXbA6Qj/mtSf8x+veVr1/zuMVs6MCxGCNtZRC6yJ7dN/Pxv3fCocOgsmpA5zvOA
        3OfXXFQ1hxHnlYIh6ZBS/1eJE532/Iuxur213OkCgYBj/r7byJXVU0BfsgmUZGsM
        KCV7SWE/xztcab9Uo5ChwJHwbFJyqWiwqHxs2QFOTArshrLcftfXTS0jv5pA3O2l
        zdCiQzLFFVERZCXPsG3/iqgZdAkO735mK9q+6vmRvzzxdcdixTJaahhiTAsGUWqn
        IcVrJf8OZPMgjGk9L6SZmQ==
        -----END PRIVATE KEY-----
        """

    /// The same key in PKCS#1.
    static let merchantKeyPKCS1 = """
        -----BEGIN RSA PRIVATE KEY-----
        MIIEogIBAAKCAQEAqvqYRZGV6/NCg7oA+n2P5rQ/+Hw+Gz5x/WiEfh2E9wqK0o3F
        74d9zo7ESTUcNA9t3hAqCclr1JRacnccSHAKLN61Ix/CO7+K1Zx3ZvopEwX9pKRS
        lqQPwfGr4N80TJqeYZ5boneILgcWiH7Nnehb650Pk+eV4+5aR5rCbSJttuldSLWr
        /pvEaCt3xG+z2GB1+7aAMHt4ImQWsEbjk5A8URh1re83dNvne/1nFatYpPOflNPT
        /vnQgjczbv0FHeMNl210ZBAxcxiM8O80gPvb8hQXy9XwHvELBmwTuOKhHR6Qyp+q
        mDbOkLv7KVS92Th2AfgTAP0BgZX9QL3fkXakXQIDAQABAoIBAChaChPpHxPXjmwe
        OtrjRVHyWmKfl9zAKRDgWNyWxOm00DyO/xbfyD42jXallSloNsrAz9sNcWhzNsFr
        AP7Lims6iE9o0GNfejmdusRP59+4ezsfGOq6f4mLKsBgjSxDFXv+bqvyP+5098lw
        +7/3tbHumF2Uu1hWyXG6wYYWKQSQvUH+6eVh9tnvf3PjOLJP6Yrm+f7W5Cn9oLdP
        zmuF4LqLzhY30qT3CD7c252+5tG5ohvvysq/+gXIc/0Oquz47a5E3gUdwddL1Hse
        aWHtJt3RHG2rPyzTJprnhIdjYTHtoX+z+XHLM0DjHZSRe6K97HKaYdMGm9wrxvcm
        sMl1G2ECgYEA7hkUn1137viHaQ24Xiyd8WIbDCF6wHyalUy4NKCUxBPoTMJTi4D3
        ZQ3Zl3AHdlD4+LtMUdgo5eLmCET5bon+tpafflkuQ2yVk4ncY23I6I90Q9R0wDgg
        o+zw3cVNXz0u0rFYWU3SR6UgHpnpHqdBhI5dvwJX/A0F1M3YZs7MiNUCgYEAt9Wa
        drPHdOkBmXDf8SmGCqtPARiJy7W2hp7AwXb1PgEZCy1aA8LfcPhkSY3uF1Ctiqt8
        LNp8KSQNGLvnSR+OB7xBmckT9xx7EP06snuDcYYT5g+EVAg1lzakjIRGz4yi53BD
        xepVnQxO6BGUTT7hyZITpH5p/AZSCdi1o6i68WkCgYBVAmFpkO6sRNHcAUkNXrK5
        p0Ru7Vktdo+etLikGZ1j8JOlLFC140LxMqO4vQf9B2YNMJpMMnhPs9Zbp3zDKcPm
        nxqs+txYuGEjPzqPyXfNCMMDIMzagG+u9378P2Cjm22nTih0IiPs7pjsNBmWlzL+
        R/JSq1yMon2tgB0+f6FpTQKBgDSO5F+FnMPnDicBZ3U6ivEn8yl8C4FrTWkFoFRv
        n0P/6loQuEiVAW76BSomYujVjxgzWQg12wOkI/5rUn/Mfr3la9f87jFbOjAsRgjb
        WUQusie3Tfz8b93wqHDoLJqQOc7zgNzn11xUNYcR55WCIemQUv9XiROd9vyLsbq9
        tdzpAoGAY/6+28iV1VNAX7IJlGRrDCgle0lhP8c7XGm/VKOQocCR8GxScqlosKh8
        bNkBTkwK7Iay3H7X100tI7+aQNztpc3QokMyxRVREWQlz7Bt/4qoGXQJDu9+Ziva
        vur5kb888XXHYsUyWmoYYkwLBlFqpyHFayX/DmTzIIxpPS+kmZk=
        -----END RSA PRIVATE KEY-----
        """

    /// The private key behind `currentCertificate`.
    static let platformKeyPEM = """
        -----BEGIN PRIVATE KEY-----
        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC1Mp7s+A66yp2O
        /rSsWJ3DCeqKJjTtSlBSoOTArYVayjuugIHgNLDCZ48TQpRPZte6igZC8u09PT9j
        D0waENUGMNtbNnbSvlUR2sgvo4+kQi+WtIYZcDIGGK+EdNzgGPJrWxaMZ9Oq0QTl
        BeMnPsd4bBaGdUnYDa8JlzBGfZ017chJH0osr2egTcG3qmyaqn/hIfFzNBcGcraW
        RaxS28fMoqIrz2RIH+MyIU5prn4MR5yLgGUbaUsOHWjmvfbbhNW/QuD+BxrGW16Y
        yLiL2z4lM384APYP5q82cyNjLxr+QEYy89CHz6PX0hcHYQ2V80KXf6MUEwvzDKb9
        hjPTGSBzAgMBAAECggEAHOAwS3tMfaAEc+FLUZvdqFNQOSvVi2soWcKiMcJ1Wf6Y
        fDqmd+Btus1eE6eskurEvkl4rfqgq/2yuEqbyhuclxv6GRMY5ITIccv30v+xyG9z
        vgSOykcC8c3FSsqE2IGhQFKHyWBSbwpYSVci2AI9L4eqH0tZtUCZAGJDozgpcYpp
        ngaWc5lt39Etayzxgx9IIsx4ntzwCb4fLduD4D6iEP810+Oj/n/Hp1qsT8i6ySaQ
        J0G/jH7OoXU93/p/YrC/vtaeu9LNexB18IuDXKZ/LFtWdvcCa6TLUye104S0yWHr
        rTdf/a9SGZEVoZHAC93guRyVqN2rhvP5ll0cFBMnwQKBgQD+1j5ykzQTZRq35WZx
        U5cHieiKLrVk9Nx9cka2dSzdwcr5QCbtclZwdlqV1RlnboYj3ycMKUkVkjPyaYOo
        odfNOZvrbhx5jMO98/QzLg+L2dRWAkjy7V3b3M49V/wFu7hXz4R+Gk/ddDbPnheJ
        bkitOsJ82RMsqR4Q3r5qbweYyQKBgQC2BlXl9XPXYyCsX8mBHBy0ZHIWsIETXQek
        AxWRFG4Md0A02vRB1mF3Q87d+VlQnSJoWlXY139V7lXrO6AX+fE2z2xjBT2ktXnL
        9LPfqdWaf0ZiUIwmwkWXP692rnu6atwgnAfzfhX84Z3ZCy1vbW2ulcUfCZmyqYos
        Xli86PDJWwKBgEOyopBJbrIgT8K+nEJK1HpaNn5O/j09lz10GDjsU+jtTIB+fFjj
        4ParWlEndUI26EerRnJCnXmvh0FEqocnx25reXJHpCTeMjnKDvtxpwud6HyYysxO
        Jnr744YEU50qS0R4ilf9oW3RK6Zn9xS5SXFLhNMpz6AzpRsSMT+RE1GRAoGBAJTm
        q9/4oTGhwnmfxeva/lRHEtkivAQGBxkQ+NR8fOWvq5NRRZyR7Zstmg0VTA3Y7Oum
        cjF3X5AA7sIGPZk/eiYXGhgKknmphp/kZjxh5v2CfiYws+WE6H6otzWD2G0Pu1Dl
        ss9p5jy+p2yEaz+Kqb22gNE5/kQb0o8nArpOZ6KfAoGANgSb80Qo+1NsuLthxFq1
        NUwa6FxKWJalz/OlSTlqbKAOhOh95XpMFRQbWan/A9fNyllqOSkYpkfrpFQkVmim
        BFkOrX2+onnXzL1ftEQ7F17i1zp91vsAHKnw1uBE0WCLcgVCwgbW8gDyQq9qq6ie
        2wdsbyrHJbWOSctigo3YytU=
        -----END PRIVATE KEY-----
        """

    /// The private key behind `nextCertificate` and `publicKeyPEM`.
    static let nextKeyPEM = """
        -----BEGIN PRIVATE KEY-----
        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7tud+N077Ng43
        o2qtTjatIo1+djOL3/oDqYqEtIXVg8yOpT+Bjo/lYV/RDlm6q1ex0Kgl78Boz9L4
        g9ckgVfbK++ZQjlfkGXgfFw/Qe3f+Y0uBz6QbSnUHgUj9VYe83OcURg6CHLa52w8
        aFNzqKAcNPXGa0yLg1G/PM6EIGUFMCvcN6SmSou096r4xT0j4QG0LiEh3lFbIwCZ
        gwBofqG0ccizPH2BZn5ygPuRaMzovfH6YhXlwbkrnPzOKM18AosyCgcSmO9uuAwd
        tn3iADHUBBuLDrKM507QAdhssMsYCcyk8myWtMFXtSPJDDEJSzQaJVJkGPOL+hr5
        pJm9FCC/AgMBAAECggEAEOyFToHaDcK/4WWgYTj4q6oT1l+od2dII+W4kWJdNp+I
        D8xM6iIE+In2Q448VMd3Q+wrXNA9frWjWw3ilcNQ580RmwsMyoA6+dRR1M+IN3Xz
        s+n/SrIs3+zySwhRgr+G9YRHijk8xwkFCc/gxkALv2n0Rra3KKo8R+D0QEFTb6DS
        qW3g6tGSfuHqCnYnhN2DtD4jir6kKq9RPZl3DWBuNNWvxjPOhM8E0gXwzSSBuR/b
        3KrggoDxI8Ei/YNk6SocK/BOy13xcx5pANvja/ynm39EhiVJSEd3y5lxYvFJTPSi
        qH6XsI4YXi/NrTqgx6SjHe7rjVGnaXMTwwounVprgQKBgQDgdBYxDl48wf3iACCv
        CoxbWBDVeXPFDSUXRqQxmvE4mVkwxbzgT4ABg+2ZiCsvNzRUtY2NvG6iQA+ztzP+
        sSOrvdFxSIVJ5k6JwyVjpxFEuIUd6qxhz8Doi8ZGes+BbSoZ3l4gUrC5YSQfNdRS
        u08e7y4Hwwr80XTrmZhVZAEnXwKBgQDWGO+VIGiCzija5FuQ0+CY/zrac5urWvuw
        yWFV+Rppe/piF6/+GndqbgmKg3q55oARl2C9/9eCgx+yHPKQuaPrlU0tNsskFgIZ
        Rq9Nl3Iirk4Wx/ao/6qgtey7QuZU+sUkRS6WxBGCRnPZz4tBp34znanJ8KLForLT
        x0+jxbhioQKBgEGIw335Qvyca4NUJDbXbpmxAeFCf9HV/7FnF8PACJRM+eSqp3Ya
        4DYRDguY3XsAtE/TXow2q1rGN49ye0Tu9YpMdt2LnhcwnlfM2ZraCcm10nAkt8Yr
        QZjkTrT/YJzagcNh0LvBSQYnXcObFO4+8GAI17i+cvPUOD4d74NnGosjAoGBAKGA
        a/IlYVES7RS54Cyu96TSG3ZAcTRgzK3+KzOsVnUt9aFbVwIqutwJJ59aMRDcxM0A
        URTiUpJ8EUPNvFjaAMIsfOxXggO1ql2gyYqRbKKms/dRXkr7mZ3jvjFAdPmztVT3
        7v4B52dLeAbdHaIoE/Yhv7u6jz7gzV8d4YCcHMwhAoGAUH7DxBuasWlh9e6q3eOJ
        BN8rvj/G4Yi4L2aZtuSkWnRx3NT2RikHIEgTiDqBIEc3OSUZFEiBVsgtE3EuDEfV
        6tLpKJdc5CuUMiQW4NX9tiOcq9zceCB45NSec8inQa2jSjgbmP8g7yDtIJLelzvl
        JaVN9rwb+evf5eooVc+f6Fk=
        -----END PRIVATE KEY-----
        """

    /// A WeChat Pay public key.
    static let publicKeyPEM = """
        -----BEGIN PUBLIC KEY-----
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu7bnfjdO+zYON6NqrU42
        rSKNfnYzi9/6A6mKhLSF1YPMjqU/gY6P5WFf0Q5ZuqtXsdCoJe/AaM/S+IPXJIFX
        2yvvmUI5X5Bl4HxcP0Ht3/mNLgc+kG0p1B4FI/VWHvNznFEYOghy2udsPGhTc6ig
        HDT1xmtMi4NRvzzOhCBlBTAr3DekpkqLtPeq+MU9I+EBtC4hId5RWyMAmYMAaH6h
        tHHIszx9gWZ+coD7kWjM6L3x+mIV5cG5K5z8zijNfAKLMgoHEpjvbrgMHbZ94gAx
        1AQbiw6yjOdO0AHYbLDLGAnMpPJslrTBV7UjyQwxCUs0GiVSZBjzi/oa+aSZvRQg
        vwIDAQAB
        -----END PUBLIC KEY-----
        """

    /// Valid 2023–2027.
    static let currentCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIC5TCCAc0CFFFX8J79wJbeFevoGkcFenIy8bjhMA0GCSqGSIb3DQEBCwUAMC8x
        GDAWBgNVBAMMD1RlbnBheS5jb20gc2lnbjETMBEGA1UECgwKVGVucGF5LmNvbTAe
        Fw0yMzAxMDEwMDAwMDBaFw0yODAxMDEwMDAwMDBaMC8xGDAWBgNVBAMMD1RlbnBh
        eS5jb20gc2lnbjETMBEGA1UECgwKVGVucGF5LmNvbTCCASIwDQYJKoZIhvcNAQEB
        BQADggEPADCCAQoCggEBALUynuz4DrrKnY7+tKxYncMJ6oomNO1KUFKg5MCthVrK
        O66AgeA0sMJnjxNClE9m17qKBkLy7T09P2MPTBoQ1QYw21s2dtK+VRHayC+jj6RC
        L5a0hhlwMgYYr4R03OAY8mtbFoxn06rRBOUF4yc+x3hsFoZ1SdgNrwmXMEZ9nTXt
        yEkfSiyvZ6BNwbeqbJqqf+Eh8XM0FwZytpZFrFLbx8yioivPZEgf4zIhTmmufgxH
        nIuAZRtpSw4daOa99tuE1b9C4P4HGsZbXpjIuIvbPiUzfzgA9g/mrzZzI2MvGv5A
        RjLz0IfPo9fSFwdhDZXzQpd/oxQTC/MMpv2GM9MZIHMCAwEAATANBgkqhkiG9w0B
        AQsFAAOCAQEAAKHF413pkAGg3a5J6PWAD2EIQ3TKg8HWeTRiPbmn9xeGEtz/puOI
        dMjKnpdiNbcJel8+iyZzqUBGsdQ03hfTLt1i3TKj2EfwWrOYMjnV7iH+sAVRuYDt
        39W4OnCoxivOKn3GWblXbGzWdMHZyE/DlDxLzA0AaEDNlUv5nCDcrd/RyDqAz5gI
        ey6D3ZZBKg9k5tUWEYUiOddcD7UumC9JbFMJfnmzLCSxjOkcEkKk8rm9DJVWe5mW
        O4BTUSo8YAoBuQalfX/kr4+dFUV6Cu2Y4FcpIco6pWQeT54ktmey/cWVnWoSnJZK
        31ofjIBfl02Zk+RAjDhL3fOkxb8SyJu17g==
        -----END CERTIFICATE-----
        """

    /// Its successor, valid from 2023-11-10.
    static let nextCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIC5TCCAc0CFAo8fhmy1PYIGis8TV5vcIGSo7TFMA0GCSqGSIb3DQEBCwUAMC8x
        GDAWBgNVBAMMD1RlbnBheS5jb20gc2lnbjETMBEGA1UECgwKVGVucGF5LmNvbTAe
        Fw0yMzExMTAwMDAwMDBaFw0yODExMTAwMDAwMDBaMC8xGDAWBgNVBAMMD1RlbnBh
        eS5jb20gc2lnbjETMBEGA1UECgwKVGVucGF5LmNvbTCCASIwDQYJKoZIhvcNAQEB
        BQADggEPADCCAQoCggEBALu25343Tvs2Djejaq1ONq0ijX52M4vf+gOpioS0hdWD
        zI6lP4GOj+VhX9EOWbqrV7HQqCXvwGjP0viD1ySBV9sr75lCOV+QZeB8XD9B7d/5
        jS4HPpBtKdQeBSP1Vh7zc5xRGDoIctrnbDxoU3OooBw09cZrTIuDUb88zoQgZQUw
        K9w3pKZKi7T3qvjFPSPhAbQuISHeUVsjAJmDAGh+obRxyLM8fYFmfnKA+5FozOi9
        8fpiFeXBuSuc/M4ozXwCizIKBxKY7264DB22feIAMdQEG4sOsoznTtAB2GywyxgJ
        zKTybJa0wVe1I8kMMQlLNBolUmQY84v6Gvmkmb0UIL8CAwEAATANBgkqhkiG9w0B
        AQsFAAOCAQEAIgDK4RlSSXoMM5Rl/HRIozQYsvwuWkk+jBx1b7nATzH52jUWcWFd
        D2/r0CI8XejDPR3VqJYxbEedl11z+kLJk7PhQD0mEsM1CNjiixXoVEU7ahitQCzr
        Km7EYQvMtVaqjt3vRZkt2ZIFBhghCxPHV+Y54xsbpErk+4IUb5uIyEUYl7AGLw5X
        ZcEFwbX5AtzzTtb42tJYG11+SPWx/4SprfaXecW7dtEPA+jaLmk/ezY0jeDqj+Tl
        scY0QEsCoScjd4jk+jUxqwWTjwv4cAjs1h4+CFmCo1AD5oBxxVRm2mi0Qon1ChE5
        CA8GRgUDYR097KMEFDc3mSZL+d+HscwB9Q==
        -----END CERTIFICATE-----
        """

    /// Of the key and serial of `currentCertificate`, expired at the start of 2023.
    static let expiredCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIC5TCCAc0CFFFX8J79wJbeFevoGkcFenIy8bjhMA0GCSqGSIb3DQEBCwUAMC8x
        GDAWBgNVBAMMD1RlbnBheS5jb20gc2lnbjETMBEGA1UECgwKVGVucGF5LmNvbTAe
        Fw0xODAxMDEwMDAwMDBaFw0yMzAxMDEwMDAwMDBaMC8xGDAWBgNVBAMMD1RlbnBh
        eS5jb20gc2lnbjETMBEGA1UECgwKVGVucGF5LmNvbTCCASIwDQYJKoZIhvcNAQEB
        BQADggEPADCCAQoCggEBALUynuz4DrrKnY7+tKxYncMJ6oomNO1KUFKg5MCthVrK
        O66AgeA0sMJnjxNClE9m17qKBkLy7T09P2MPTBoQ1QYw21s2dtK+VRHayC+jj6RC
        L5a0hhlwMgYYr4R03OAY8mtbFoxn06rRBOUF4yc+x3hsFoZ1SdgNrwmXMEZ9nTXt
        yEkfSiyvZ6BNwbeqbJqqf+Eh8XM0FwZytpZFrFLbx8yioivPZEgf4zIhTmmufgxH
        nIuAZRtpSw4daOa99tuE1b9C4P4HGsZbXpjIuIvbPiUzfzgA9g/mrzZzI2MvGv5A
        RjLz0IfPo9fSFwdhDZXzQpd/oxQTC/MMpv2GM9MZIHMCAwEAATANBgkqhkiG9w0B
        AQsFAAOCAQEAlanzNSoiSFYDOo03e2L+L2ZBObVGDU9QE442FG/uEfwyTe/OwiwT
        Q0cSKGDZvOUVJPLxJl71Rt2yHo423Lw1zpvyrkjUKFJudmhggCD0a6B09YVqs/qz
        kSCKUtmzUf7Dqr3gafgVcyXyaLhLCVQp3HsKSzFt6RKZJQdC9RWYCOwGZsUk4J41
        ATbiSiO9SPHfSRITx+AHqoINl0SGVtruVOqapwLSi8n415g9gHsxVmLgZo5LN9I6
        pgi2cgwrXYlJrAmzcBP6c77qWoGsK0sphKZLIxSC+HndQsObPPplVZ4Ys3lRVZOY
        aOfv11L2wfsRpYF/ntkZ/e8Fe8AAErX69A==
        -----END CERTIFICATE-----
        """

    /// Of the key and serial of `currentCertificate`, ends on 2023-11-20.
    static let endingCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIC5TCCAc0CFFFX8J79wJbeFevoGkcFenIy8bjhMA0GCSqGSIb3DQEBCwUAMC8x
        GDAWBgNVBAMMD1RlbnBheS5jb20gc2lnbjETMBEGA1UECgwKVGVucGF5LmNvbTAe
        Fw0xODExMjAwMDAwMDBaFw0yMzExMjAwMDAwMDBaMC8xGDAWBgNVBAMMD1RlbnBh
        eS5jb20gc2lnbjETMBEGA1UECgwKVGVucGF5LmNvbTCCASIwDQYJKoZIhvcNAQEB
        BQADggEPADCCAQoCggEBALUynuz4DrrKnY7+tKxYncMJ6oomNO1KUFKg5MCthVrK
        O66AgeA0sMJnjxNClE9m17qKBkLy7T09P2MPTBoQ1QYw21s2dtK+VRHayC+jj6RC
        L5a0hhlwMgYYr4R03OAY8mtbFoxn06rRBOUF4yc+x3hsFoZ1SdgNrwmXMEZ9nTXt
        yEkfSiyvZ6BNwbeqbJqqf+Eh8XM0FwZytpZFrFLbx8yioivPZEgf4zIhTmmufgxH
        nIuAZRtpSw4daOa99tuE1b9C4P4HGsZbXpjIuIvbPiUzfzgA9g/mrzZzI2MvGv5A
        RjLz0IfPo9fSFwdhDZXzQpd/oxQTC/MMpv2GM9MZIHMCAwEAATANBgkqhkiG9w0B
        AQsFAAOCAQEAhjLWnhXwl6l8Xi8W0MZeEHZhbG7+q/Etj1wgZz/aEMkzKHAuZFuC
        yT7QhMmKzK9WrevPd9n2JQYa+ohqey9bq655VPWgCW99+kFOMrcgg6vLCcIUvFym
        l71BF2uPWxLMzTyB030psGvB2CVxXXp8tHF0Qifj48aT6jGTibp24J7UvqSmw4CZ
        PTOftoX5g1eRtrDiul+WVU1h0Z0Q2r2Ng+lP0lGOhMZVBwB3SsDNnLpQfsEu0QcG
        TR6mW9Ucki/vG8Jz7TjNxtlYiXCBz7E+BzUVCywB608hc+9mG8Zrcd2iTsMza9WP
        yEFc11nE15PabR0wXG8XyFASHzhLccGFOQ==
        -----END CERTIFICATE-----
        """

    /// No RSA key.
    static let ellipticKeyPEM = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgNAF4T0AuQf3kmO64
        nSLMJ4f4Sbt4YigGyrwzCvUlFDWhRANCAAQNOQ4C3nKPCtneGg8DTSzoRSS/W6tS
        x5sdgaI57GzWoPTcjOOw4k7dtVrEiuoSLiXKTjbRxKolUORUbnCnYmbq
        -----END PRIVATE KEY-----
        """

    /// An RSA key of 1024 bits.
    static let smallKeyPEM = """
        -----BEGIN PRIVATE KEY-----
        MIICdQIBADANBgkqhkiG9w0BAQEFAASCAl8wggJbAgEAAoGBAM77M+kLids/iuny
        Q1gw0syKDVJwDm1oK5vgLfoonNCoDvPWWshvtrbbVbXuis7AVDgeNIZuECRm/q74
        o1kF2Zzj5kH3JtNEc+pKpoLm3gEG/k28ncha5plnLIo5Xbn/R+8yS8xOXMXv2Uju
        Hvh0tPYbn6xdHkHwDTqNL777HTQVAgMBAAECgYBgQoWW2W3okHm7aZcWWcZ/p6ig
        cUrUaQD3AmB/mgmsJKynjEY2N3ZDPmhzLxhRJTNF0g5dgqxxMZE6sJnPWiAkt8l/
        4MlxywvQqZsTvoz7ruFrq8u7gs+DeOncJ8br5p/W+WpVnzqGmt7+YqJIgUPmLxX/
        5bwW42qzrmJWjbJTAQJBAOz4LVfyM6QLh558MvNkeLWwPabSM6Rjc2pIRlyyWTwS
        fLUR0Cohq1lnaTNuEmAadvejM2kjGrOnA0PVTjF0rNUCQQDfmoCvFfYklM2Q4N3V
        e7930qpI4mQAUxGf4l3ErBYScNu6tMxPxW6eXDobqbDopZ8xMDHucjLbMKljqNTB
        SQpBAkBoTE9AzyR1hnGZitauE8GhTkHEY+5A41jQJaF6eTEXZJeo5n81m/4b6oz+
        CuthiyRjmFwvYTkGa3Lfb0nsMItFAkByPHMGAEhShBtJqzhqOuClDOGmftLsP4Q/
        lNym/+v+293GU1wWXR2YljGxtE4HbaYY8TBxS7KjvQatPbIEVZaBAkAU2CdNV5NY
        0VXS33pozc08x3YVUOKDe6JbjpRhSAFHBTyk/InIoCnSG2+qRfSsRkPbtThbQcjV
        Y3UI2+5Br5xz
        -----END PRIVATE KEY-----
        """

    /// `printf source | openssl dgst -sha256 -sign merchant.pem | base64`
    static let sourceSignature =
        "WsZfpngo319BnaIuaN2EurwFGas1dNoCsqKonqfPUOpTfUQsFVbbFpWsw6KWoM7SXSLL2U9eIBVCaU8CpZtXy6qUx0djE/D253hm"
        + "j3eFuiUr70ltpkTn0K9mCPy5ChQn55EvWw7IGMBNaD5tAm1FuWOhQZoUAAVX9QNzqv9JM2ne0iwYyxpPNBJAkJg28Roc9sb58rem"
        + "7+xgNuWARmAD3+vIXc6XY0E5634QJAoBoKMv9v8RtNQsoYFGx9aqsw4pnR7fMRt/wJ9bsJU6gx15O4CMb2AZ8VfzqTBSjULgfnj1"
        + "cWpZnB21XFh9taYAw0leJNv5N6ATaxmvd7OOKkOAFw=="

    static let currentSerial = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
    static let nextSerial = "0A3C7E19B2D4F6081A2B3C4D5E6F708192A3B4C5"
    static let publicKeyID = "PUB_KEY_ID_0114232134912410000000000000"
}
