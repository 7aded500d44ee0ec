/// recipes test | bench | doctor: what concerns the checkout
module Recipes.Cli.ProjectCommands

open System
open System.CommandLine
open System.Diagnostics
open System.IO
open Recipes
open Recipes.Build
open Recipes.Cli.Output

/// Runs a project of the checkout with its own output, building it first; returns its exit code.
let private dotnetRun (project: string) (arguments: string[]) =
    let path = Path.Combine(Shipped.root, "tests", project)

    if not (Directory.Exists path) then
        raise (
            RecipesException
                $"{path}: not found; this command needs the checkout. Start it with recipes.sh, or set RECIPES_ROOT."
        )

    let run (words: string seq) =
        let info =
            ProcessStartInfo("dotnet", words, UseShellExecute = false, WorkingDirectory = Shipped.root)

        use child = Process.Start info
        child.WaitForExit()
        child.ExitCode

    let build =
        run
            [
                "build"
                path
                "-c"
                "Release"
                "-v"
                "quiet"
                "--nologo"
                "-consoleLoggerParameters:NoSummary"
            ]

    if build <> 0 then
        note $"recipes: {project} does not build; the errors are above"
        BadInput
    else
        run (Seq.append [ Path.Combine(path, "bin", "Release", "net10.0", project + ".dll") ] arguments)

/// recipes test
let test () =
    let rest =
        Argument<string[]>(
            "ARGS",
            Description = "passed on to Expecto, for example --filter-test-list folding",
            Arity = ArgumentArity.ZeroOrMore
        )

    let command =
        Command("test", "the whole test suite; the last line is 'N passed, N failed'")

    command.Arguments.Add rest
    command.TreatUnmatchedTokensAsErrors <- false

    command.SetAction(fun parsed ->
        guard (fun () ->
            let given = parsed.GetValue rest |> Option.ofObj |> Option.defaultValue [||]
            dotnetRun "Recipes.Tests" (Array.append (Array.ofSeq parsed.UnmatchedTokens) given)))

    command

/// recipes bench [NAME]
let bench () =
    let name =
        Argument<string[]>("NAME", Description = "a table; default all", Arity = ArgumentArity.ZeroOrMore)

    let json =
        Option<bool>("--json", Description = "print one JSON document and nothing else")

    let quick =
        Option<bool>("--quick", Description = "few rounds, to see that it works")

    let command =
        Command("bench", "the performance tables, as ratios measured in one run")

    command.Arguments.Add name
    command.Options.Add json
    command.Options.Add quick

    command.SetAction(fun parsed ->
        guard (fun () ->
            dotnetRun
                "Recipes.Benchmarks"
                [|
                    yield! (parsed.GetValue name |> Option.ofObj |> Option.defaultValue [||])
                    if parsed.GetValue json then
                        "--json"
                    if parsed.GetValue quick then
                        "--quick"
                |]))

    command

/// One line of the doctor: what, whether it is well, what was found, how to mend it.
type private Finding =
    {
        What: string
        Good: bool
        Found: string
        Repair: string
    }

let private symbolVersion = "GLIBCXX_3.4.32"

let private findings () =
    let native = Path.Combine(NativeLibraries.Folder, "libLibTorchSharp.so")

    let torch =
        try
            let version = TorchSharp.torch.__version__
            use x = TorchSharp.torch.ones [| 2L |]

            {
                What = "libtorch"
                Good = true
                Found =
                    $"{version}, {TorchSharp.torch.get_num_threads ()} threads, CUDA {TorchSharp.torch.cuda.is_available ()}"
                Repair = ""
            }
        with e ->
            {
                What = "libtorch"
                Good = false
                Found = e.GetBaseException().Message.Split('\n')[0]
                Repair = "build again with recipes.sh; on Linux see the line on libstdc++ first"
            }

    [
        {
            What = ".NET"
            Good = Environment.Version.Major >= 10
            Found = Environment.Version.ToString()
            Repair = "install the .NET 10 SDK"
        }

        if OperatingSystem.IsLinux() && File.Exists native then
            let found, _, weak =
                ElfVersionNeeds.TryFind(File.ReadAllBytes native, symbolVersion)

            let has = ElfVersionNeeds.SystemHas symbolVersion

            {
                What = "libstdc++"
                Good = has || weak || not found
                Found =
                    (if has then
                         $"defines {symbolVersion}"
                     elif weak then
                         $"ends before {symbolVersion}; the build made TorchSharp's need for it weak, which is enough"
                     else
                         $"ends before {symbolVersion}, which TorchSharp's library asks for")
                Repair = "rm -r bin && ./recipes.sh doctor"
            }

        torch

        let probe =
            try
                let file = Path.Combine(Environment.CurrentDirectory, "runs", ".probe")
                AtomicFile.WriteText(file, "")
                File.Delete file
                None
            with :? RecipesException as e ->
                Some e.Message

        {
            What = "runs/"
            Good = probe.IsNone
            Found = Option.defaultValue "can be written" probe
            Repair = "change to a folder that can be written, or give --out"
        }

        let free = DriveInfo(Environment.CurrentDirectory).AvailableFreeSpace

        {
            What = "disk"
            Good = free > 2_000_000_000L
            Found = $"{float free / 1e9:F0} GB free"
            Repair = "make room: builds need about 2 GB"
        }

        let cuda = Path.Combine(AppContext.BaseDirectory, "cpu")

        {
            What = "stale folder"
            Good = not (Directory.Exists cuda)
            Found = (if Directory.Exists cuda then cuda else "none")
            Repair = "rm -r bin/cpu: a failed load made it, and it would be loaded instead"
        }

        for entry in Recipes.Data.DataCatalog.All do
            let here =
                try
                    Recipes.Data.Datasets.ByName(entry.Name).Open Recipes.Data.Split.Train |> ignore
                    true
                with :? RecipesException ->
                    false

            {
                What = $"data {entry.Name}"
                Good = true
                Found =
                    (if here then
                         "here"
                     else
                         $"not here; optional: recipes data get {entry.Name}")
                Repair = ""
            }
    ]

/// recipes doctor
let doctor () =
    let json =
        Option<bool>("--json", Description = "print one JSON document and nothing else")

    let command =
        Command("doctor", "what this machine has, what is wrong, how to mend it")

    command.Options.Add json

    command.SetAction(fun parsed ->
        guard (fun () ->
            let all = findings ()

            if parsed.GetValue json then
                Output.json
                    [|
                        for f in all ->
                            {|
                                what = f.What
                                good = f.Good
                                found = f.Found
                                repair = f.Repair
                            |}
                    |]
            else
                for f in all do
                    let mark = if f.Good then "ok   " else "WRONG"
                    Console.WriteLine(String.Format("{0} {1,-20} {2}", mark, f.What, f.Found))

                    if not f.Good then
                        Console.WriteLine(String.Format("      {0,-20} mend: {1}", "", f.Repair))

            if all |> List.forall _.Good then Good else Failed))

    command
