/// Programs that drive the registered kernels: the command, and a Python with Jupyter's clients.
module Recipes.Tests.JupyterClientDoubles

open System
open System.Diagnostics
open System.IO
open System.Text.Json.Nodes
open System.Threading
open Expecto
open Recipes.Tests.Support

let patience = 600_000

let start (program: string) (folder: string) (arguments: string list) =
    let info =
        ProcessStartInfo(
            program,
            arguments,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        )

    // Nothing of the user's own Jupyter is seen or changed.
    for name, value in
        [
            "JUPYTER_PATH", Path.Combine(folder, "share", "jupyter")
            "JUPYTER_DATA_DIR", Path.Combine(folder, "data")
            "JUPYTER_CONFIG_DIR", Path.Combine(folder, "config")
            "JUPYTER_RUNTIME_DIR", Path.Combine(folder, "runtime")
            "IPYTHONDIR", Path.Combine(folder, "ipython")
            "PYTHONWARNINGS", "ignore"
            "PYDEVD_DISABLE_FILE_VALIDATION", "1"
            "RECIPES_ROOT", root
        ] do
        info.Environment[name] <- value

    Process.Start info

let run program folder arguments =
    use child = start program folder arguments
    use _ = new Timer((fun _ -> child.Kill true), null, patience, Timeout.Infinite)
    let errors = child.StandardError.ReadToEndAsync()
    let output = child.StandardOutput.ReadToEnd()
    child.WaitForExit()
    child.ExitCode, output, errors.Result

let commandLine arguments =
    Path.Combine(root, "bin", "Recipes.Cli.dll")
    :: "notebook"
    :: "kernel"
    :: arguments

let kernel folder arguments =
    run "dotnet" folder (commandLine arguments)

let install folder =
    let code, _, errors = kernel folder [ "install"; "--prefix"; folder ]
    Expect.equal code 0 errors

/// A Python that has these modules: Debian's, whose packages belong to the system's own, or the first on the path.
let python (modules: string) =
    [ "/usr/bin/python3"; "python3" ]
    |> List.tryFind (fun program ->
        try
            let code, _, _ = run program (Path.GetTempPath()) [ "-c"; $"import {modules}" ]

            code = 0
        with :? ComponentModel.Win32Exception ->
            false)
    |> Option.defaultWith (fun () -> skiptest $"skipped: no python3 with the modules {modules}")

let script name =
    Path.Combine(root, "tests", "jupyter", name)

/// Runs a notebook with Debian's nbconvert and the kernels installed in the folder; gives the outputs of each of its cells.
let nbconvert folder (notebook: string) =
    install folder

    let options =
        [ "-m"; "nbconvert"; "--to"; "notebook"; "--execute"; "--output-dir"; folder ]

    let code, _, errors =
        run (python "nbconvert, nbclient") folder (options @ [ notebook ])

    Expect.equal code 0 errors
    JsonNode.Parse(File.ReadAllText(Path.Combine(folder, Path.GetFileName notebook)))

let outputs (notebook: JsonNode) =
    [
        for cell in notebook["cells"].AsArray() ->
            if isNull cell["outputs"] then
                []
            else
                List.ofSeq (cell["outputs"].AsArray())
    ]
