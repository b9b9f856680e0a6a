BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB

BBBBB BBBBB
   gettext(u'You have no place here yet') 
BBBBBBBB BBBBB
BBBBB BBBB
  XXXX XXXXXXXXXXXXXX XXXXXX
    XXXX gettext(u'You have no place here yet') XXXXX
    XX XXXXXXXXXXXXX
       gettext(u'%(name)s knows you, but nobody has let you into the register of the Kaiku Card.') 
        SSSSSSSS SSSSS SSSS SSS SSSSSS SSS SSS SSS SSSS SSS SSSSSSSS SS SSS SSSSS SSSSS
      
    XXXX
    XXX XXXXXXXXXXX gettext(u'New to the register?') XXXXX
    XXX gettext(u'Ask the contact person of your workplace for a one-time link. Open it and choose your organisation.') XXXX
    XXX XXXXXXXXXXX gettext(u'Do you have a user name and a password?') XXXXX
    XXX gettext(u'Sign in with them and tie your organisation under “Your sign-in”.') XXXX
    XXX gettext(u'Nothing about you has been stored.') XXXX
    XXX
      XX XXXXXXXXXXXXX XXXXXXX XXXXXXBBB BBBBBBBBBXX gettext(u'To the sign-in page') XXXX
    XXXX
  XXXXXX
BBBBBBBB BBBB
