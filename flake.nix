{
  description = "tablelab, a course-lab kit: an Amazon-style key/value store in four stages";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];
      forEachSystem = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});

      toolchain = pkgs: [
        pkgs.nodejs_24
        pkgs.zookeeper
        pkgs.jdk_headless
      ];

      environment = pkgs: {
        # Where shared/src/zookeeper/find-zookeeper.ts looks first.
        ZOOKEEPER_HOME = "${pkgs.zookeeper}";
        JAVA_HOME = "${pkgs.jdk_headless.home}";
        # npm puts node_modules/.bin first on the PATH of its scripts. It contains the Node of the npm package `node`, which
        # does not run on NixOS. This shell, which npm uses for scripts, puts the Node from nixpkgs before it.
        npm_config_script_shell = "${pkgs.writeShellScript "npm-script-shell" ''
          PATH=${pkgs.nodejs_24}/bin:$PATH exec ${pkgs.runtimeShell} "$@"
        ''}";
      };

      # There is no package to build, because npm's lock file has no addresses from which Nix could download. An app runs npm
      # in the current folder, which must be a clone, with the toolchain of the shell.
      npmApp = pkgs: name: description: {
        type = "app";
        program = "${pkgs.writeShellScript "tablelab-${name}" ''
          if ! [ -f scripts/bootstrap.mjs ]; then
            echo 'run this in the folder of a clone of tablelab' >&2
            exit 1
          fi
          ${nixpkgs.lib.toShellVars (environment pkgs)}
          export ${toString (builtins.attrNames (environment pkgs))}
          export PATH=${nixpkgs.lib.makeBinPath (toolchain pkgs)}:$PATH
          exec npm run --silent ${name} -- "$@"
        ''}";
        meta.description = description;
      };
    in
    {
      devShells = forEachSystem (pkgs: {
        default = pkgs.mkShellNoCC (environment pkgs // { packages = toolchain pkgs; });
      });

      apps = forEachSystem (pkgs: rec {
        chain = npmApp pkgs "start" "a ZooKeeper, a chain of three servers, and a client on the terminal";
        test = npmApp pkgs "test" "the tests of all parts, or of those named";
        default = chain;
      });

      checks = forEachSystem (pkgs: {
        # The code of `npm start` finds this toolchain's ZooKeeper and Java, starts ZooKeeper, and gets an answer.
        zookeeper =
          pkgs.runCommand "tablelab-zookeeper"
            (
              environment pkgs
              // {
                nativeBuildInputs = toolchain pkgs;
                # Otherwise the sandbox of macOS forbids the loopback interface.
                __darwinAllowLocalNetworking = true;
              }
            )
            ''
              node ${./environments/start-zookeeper.ts} ${./shared} > $out
              cat $out
            '';
      });
    };
}
