BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB

BBBBB BBBBB
   gettext(u'Confirm that it is you') 
BBBBBBBB BBBBB
BBBBB BBBB
  XXXX XXXXXXXXXXXXXX XXXXXX
    XXXX gettext(u'Confirm that it is you') XXXXX
    XX XXXXXXXXXXXXX
      BB BBBB
         gettext(u"Holders' data are behind this. What you filled in is kept and goes on as soon as you have confirmed.") 
      BBBB
         gettext(u"Holders' data are behind this, and a password alone does not open them.") 
      BBBBB
    XXXX
    BBBBBBBBBBBBB BBBB
    BB BBBBBBBBB
      XXXX XXXXXXXXXXXXXXX
        BBBB BBBBBB
        XXX
           gettext(u'Demo: the code now is <b class="code">%(demo_code)s</b>') 
            SSSSS SSS SSSS SSS SS SS SSSSSSSSSSSSSSSSSSSSSSSSSSSSSS
          
        XXXX
      XXXXXX
    BBBBB
    XXXXX XXXXXXXXXXXXX XXXXXXXXXXXX XXXXXXXXXXX
      BBBBBBBBBB
      BB BBBBXXXXXX XXXXXXXXXXXXX XXXXXXXXXXX XXXXXXXXXBBBBB
      BBB BBBBB BBBBB BB BBBBXXXXXX XXXXXXXXXXXXX XXXXXXX XXXXXXXXXBBBBBB
      
      BB BBBBBBBBBBBB
        BBB BBBBBBBBBBBBBBBBBBB BB BBBBBBBBB
         gettext(u'Use a passkey') 
        BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB BBBB BBBBBBBB BBBBBBBBBBBBBBBBBBBBBB
      BBBBB
      BBBBB BBBBBBBBB BBBB
      XXXX XXXXXXXXXXXXXXXX
        XXXXXXX XXXXXXXXXXXXX XXXXXXXXXXXXXXX gettext(u'Confirm') XXXXXXXXX
      XXXXXX
    XXXXXXX
    BB BBBBBBB BBB BBB BBBB
      BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB BBBB BBBBBBBBBBBBBBBBB
    BBBBB
    XX XXXXXXXXXXXX XXXXXX
       gettext(u'You are asked again after %(minutes)s minutes.') 
        SSS SSS SSSSS SSSSS SSSSS SSSSSSSSSSS SSSSSSSS
      
    XXXX
    XXX XXXXXXXXXXX gettext(u'The phone or the key is not with you?') XXXXX
    XXX
       gettext(u'A recovery code does instead. Without one, the contact person of your workplace lets you set up a new second factor.') 
    XXXX
  XXXXXX
BBBBBBBB BBBB
BBBBB BBBBBBB
  BB BBBBBBBBBBBB
    XXXXXXX XXXXXBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBX XXXXXXXXXXXXXXX
  BBBBB
BBBBBBBB BBBBBBB
