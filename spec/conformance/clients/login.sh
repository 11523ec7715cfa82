curl -s -c cookie.txt -d uid=csmith -d pw=XXX 'https://www2.1010data.com/beta-latest/api/!login'
curl -s -c cookie.txt -H "Content-type: application/json" -X POST -d '{"uid":"csmith", "pw":"XXX"}' 'https://www2.1010data.com/beta-latest/api/!login'
