# Replaces the official Node image if that cannot be pulled. It has the same programs in the same places, the user
# `node`, and Debian. Node, npm and the certificates that the machine trusts come from the build context.
ARG DEBIAN_IMAGE
FROM ${DEBIAN_IMAGE}
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node
COPY certificates.crt /etc/ssl/certs/ca-certificates.crt
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
# npm's archive contains the folder `package`.
ADD npm.tgz /usr/local/lib/node_modules/
COPY node /usr/local/bin/
RUN mv /usr/local/lib/node_modules/package /usr/local/lib/node_modules/npm \
    && ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
CMD ["node"]
