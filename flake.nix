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
        # npm puts node_modules/.bin first on the PATH of its scripts, and there lies a Node that the registry's package
        # `node` brings along, which does not run on NixOS. This shell of npm's puts the one from here before it.
        npm_config_script_shell = "${pkgs.writeShellScript "npm-script-shell" ''
          PATH=${pkgs.nodejs_24}/bin:$PATH exec ${pkgs.runtimeShell} "$@"
        ''}";
      };

      # There is no package to build: npm's lock file carries no addresses that Nix could fetch from. An app runs npm in
      # the clone that it is called in, with the toolchain of the shell.
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
        # The code of `npm start` finds this toolchain's ZooKeeper and Java, starts them, and is answered.
        zookeeper =
          pkgs.runCommand "tablelab-zookeeper"
            (
              environment pkgs
              // {
                nativeBuildInputs = toolchain pkgs;
                # macOS's sandbox would forbid the loopback interface.
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
