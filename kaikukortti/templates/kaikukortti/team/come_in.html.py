BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB

BBBBB BBBBB
  BB BBBBBBBBBBBB
     gettext(u'Choose a new password') 
  BBBB
     gettext(u'Welcome') 
  BBBBB
BBBBBBBB BBBBB
BBBBB BBBB
  XXXX XXXXXXXXXXXXXX XXXXXX
    BB BBBBBBBBBBBB
      XXXX gettext(u'Choose a new password') XXXXX
      XX XXXXXXXXXXXXX
         gettext(u'%(name)s, your user name is still %(username)s.') 
          SSSSSSSSS SSSS SSSS SSSS SS SSSSS SSSSSSSSSSSSS
        
      XXXX
    BBBB
      XXXX gettext(u'Welcome') X XXXXX
      XX XXXXXXXXXXXXX
         gettext(u'You have been invited to %(workplace)s (%(role)s). Choose a user name and a password; only you use them.') 
          SSS SSSS SSSS SSSSSSS SS SSSSSSSSSSSSS SSSSSSSSSSS SSSSSS S SSSS SSSS SSS S SSSSSSSSS SSSS SSS SSS SSSSS
        
      XXXX
    BBBBB
    BB BBBBBB BBB BBB BBBBBBBBBBBB
      XXXXX XXXXXXXXXXXXX XXXXXXXXXXXXXXX
        BBBBBBBBBB
        BBBB BBBBBB
        XXXXX
          XXXX gettext(u'You are signed in already') XXXXX
          XXX
             gettext(u'As %(name)s you can join %(workplace)s with the same user name.') 
              SS SSSSSSSS SSS SSS SSSS SSSSSSSSSSSSS SSSS SSS SSSS SSSS SSSSS
            
          XXXX
          XX XXXXXXXXXXXXXXXX
            XXXXXXX XXXXXXXXXXXXX XXXXXXXXXXXXXX XXXXXXXXXXX XXXXXXXXXX
               gettext(u'Join as')  
            XXXXXXXXX
          XXXX
        XXXXXX
      XXXXXXX
      XXXX gettext(u'Or choose a new user name') XXXXX
    BBBBB
    BBBBBBBBBBBBB BBBB
    XXXXX XXXXXXXXXXXXX XXXXXXXXXXXX XXXXXXXXXXX
      BBBBBBBBBB
      BB BBBBBBBBBBBBB
        BBBBB BBBBBBBBBBBBB BBBB
      BBBBB
      BBBBB BBBBBBBBBBBBB BBBB
      XXXX XXXXXXXXXXXXXXXX
        XXXXXXX XXXXXXXXXXXXX
                XXXXXXXXXXXXX BB BBBBBB BBB BBB BBBBBBBBBBBBXXXXXXBBBBBXX
          BB BBBBBBBBBBBB
             gettext(u'Change the password') 
          BBBB
             gettext(u'Come in') 
          BBBBB
        XXXXXXXXX
      XXXXXX
    XXXXXXX
    BB BBBBBBBBB
      XXXXXXXX XXXXXXXXXXXXXXXXXXX
        XXXX gettext(u'Or through your organisation') XXXXX
        XXX gettext(u'Then you need no user name or password here.') XXXX
        BBB BBBBBBB BB BBBBBBBBB
          BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
        BBBBBB
      XXXXXXXXXX
    BBBBB
    BB BBB BBBBBB BBB BBB BBBBBBBBBBBB
      XXXX gettext(u'Do you sign in already for another workplace?') XXXXX
      XXX
        XX XXXXXXXXXXXX
           XXXXXXBBB BBBBBBBBBXXXXXXFFFFFFFFFXX gettext(u'Sign in and join with the same user name') XXXX
      XXXX
    BBBBB
  XXXXXX
BBBBBBBB BBBB
