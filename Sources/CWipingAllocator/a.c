int keyturn_x;
