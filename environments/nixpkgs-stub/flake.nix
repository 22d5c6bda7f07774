{
  description = "Replaces nixpkgs if it cannot be downloaded: the attributes that flake.nix uses, with this machine's programs";

  outputs =
    { self }:
    let
      # Written by the test: the paths of this machine's bash, Node, npm and Java, and of ZooKeeper's jars.
      host = builtins.fromJSON (builtins.readFile ./host.json);

      lib = rec {
        genAttrs = names: value: builtins.listToAttrs (map (name: { inherit name; value = value name; }) names);
        makeBinPath = packages: builtins.concatStringsSep ":" (map (package: "${package}/bin") packages);
        toShellVars =
          variables:
          builtins.concatStringsSep "\n" (
            builtins.attrValues (builtins.mapAttrs (name: value: "${name}='${value}'") variables)
          );
      };

      packagesOf =
        system:
        let
          # `nix develop` needs a builder named bash. It appends its own commands to the script, hence the `:`.
          build =
            name: attributes: script:
            derivation (
              {
                inherit name system;
                builder = host.bash;
                args = [ "-c" "${script}\n:" ];
              }
              // attributes
              // {
                PATH = lib.makeBinPath (attributes.packages or [ ] ++ attributes.nativeBuildInputs or [ ]) + ":${host.path}";
              }
            );
          script =
            name: text:
            build name { inherit text; passAsFile = [ "text" ]; } ''
              { echo '#!${host.bash}'; cat "$textPath"; } > $out
              chmod +x $out
            '';
          links =
            name: folder: files:
            build name { } ''
              mkdir -p $out/${folder}
              ${builtins.concatStringsSep "\n" (map (file: "ln -s ${file} $out/${folder}/") files)}
            '';
        in
        {
          nodejs_24 = links "nodejs" "bin" [ host.node host.npm ];
          zookeeper = links "zookeeper" "." [ host.zookeeperFolder ];
          jdk_headless = links "jdk" "bin" [ host.java ] // { home = "${links "jdk" "bin" [ host.java ]}"; };
          bashInteractive = links "bash" "bin" [ host.bash ];
          runtimeShell = host.bash;
          writeShellScript = script;
          runCommand = build;
          # `nix develop` reads $outputs, which nixpkgs sets.
          mkShellNoCC = attributes: build "shell" ({ outputs = [ "out" ]; } // attributes) "";
        };
    in
    {
      inherit lib;
      legacyPackages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ] packagesOf;
    };
}
