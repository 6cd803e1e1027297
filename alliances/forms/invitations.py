"""Opening one's own account by a one-time link."""

from django import forms

from alliances.forms.fields import REQUIRED


class AcceptForm(forms.Form):
    password = forms.CharField(
        label="设一个登录密码",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="至少 10 位，不能全是数字，不要用手机号。",
        error_messages=REQUIRED,
    )
    again = forms.CharField(
        label="再输一遍",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages=REQUIRED,
    )
    email = forms.EmailField(
        label="电子邮箱", required=False, help_text="填了，提示也会发到邮箱；不填只看站内消息。"
    )
    remember = forms.BooleanField(label="在我自己的这台设备上保持登录", required=False)

    def clean(self):
        data = super().clean()
        if data.get("password") and data.get("again") and data["password"] != data["again"]:
            self.add_error("again", "两次输入的密码不一样。")
        return data
