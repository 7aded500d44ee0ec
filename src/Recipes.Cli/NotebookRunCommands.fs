/// recipes notebook run | check | host
module Recipes.Cli.NotebookRunCommands

open System
open System.CommandLine
open System.CommandLine.Help
open System.CommandLine.Invocation
open System.IO
open Recipes
open Recipes.Notebook.Cells
open Recipes.Notebook.Documents
open Recipes.Notebook.Running
open Recipes.Notebook.Running.Kernel
open Recipes.Notebook.Running.Parameters
open Recipes.Cli.Output

let private json () =
    Option<bool>("--json", Description = "print one JSON document and nothing else on standard output")

let private verbose () =
    Option<bool>("--verbose", Description = "show the cells' outputs as they come")

let private parameters () =
    Option<string[]>(
        "-p",
        Description = "name=value, may be repeated: sets a literal of the cell tagged 'parameters'",
        HelpName = "name=value"
    )

let private seconds name about =
    Option<Nullable<float>>(name, Description = about, HelpName = "S")

let private timeout () =
    seconds "--timeout" "the longest that the whole run may take; exit code 3 when it is over"

let private cellTimeout () =
    seconds "--cell-timeout" "the longest that a cell may run"

let private span (seconds: Nullable<float>) =
    if seconds.HasValue then
        Nullable(TimeSpan.FromSeconds seconds.Value)
    else
        Nullable()

let private list (values: string[]) =
    values |> Option.ofObj |> Option.defaultValue [||]

let private relative (path: string) =
    Path.GetRelativePath(Environment.CurrentDirectory, path)

/// The parameters of a notebook, a line each.
let private printParameters (file: string) =
    let known = NotebookParameters.Of(NotebookDocument.Load file)

    if known.Count = 0 then
        Console.WriteLine $"{file} has no parameters: no cell tagged 'parameters' binds a literal to a name."
    else
        Console.WriteLine $"Parameters of {file}, set with -p name=value:"
        let width = known |> Seq.map _.Name.Length |> Seq.max
        let values = known |> Seq.map _.Default.Length |> Seq.max

        for p in known do
            Console.WriteLine(
                String
                    .Format("  {0}  {1,-7}  {2}  {3}", p.Name.PadRight width, p.Type, p.Default.PadRight values, p.Help)
                    .TrimEnd()
            )

    Good

/// The usual help; when a notebook is given, its parameters too.
type private Help(usual: HelpAction, file: Argument<string>) =
    inherit SynchronousCommandLineAction()
    override _.ClearsParseErrors = true

    override _.Invoke parsed =
        let code = usual.Invoke parsed

        match parsed.GetValue file with
        | null -> code
        | file -> guard (fun () -> printParameters file)

/// recipes notebook run FILE
let run () =
    let file =
        Argument<string>(
            "FILE",
            Description = "an .ipynb or .dib; it stays as it is unless --in-place or --out names it"
        )

    let set = parameters ()

    let out =
        Option<string>("--out", Description = "the notebook with outputs; default runs/notebooks/NAME/NAME.ipynb")

    let inPlace =
        Option<bool>("--in-place", Description = "write the outputs into FILE itself")

    let html =
        Option<string>("--html", Description = "write the executed notebook as a page")

    let junit =
        Option<string>("--junit", Description = "write the cells as test results (JUnit XML)")

    let timeout, cellTimeout = timeout (), cellTimeout ()

    let keepGoing =
        Option<bool>("--keep-going", Description = "go on after a cell that failed")

    let limit =
        Option<float>(
            "--output-limit",
            Description = "MB of printed text kept of a cell: five sixths of its start, one of its end",
            HelpName = "MB",
            DefaultValueFactory = fun _ -> float (NotebookRunOptions().OutputLimit) / 1e6
        )

    let shown =
        Option<bool>("--parameters", Description = "print the notebook's parameters; so does --help FILE")

    let json, verbose = json (), verbose ()

    let command =
        Command("run", "run a notebook's cells in a process of their own; outputs are kept whatever happens")

    let help = HelpOption()
    help.Action <- Help(help.Action :?> HelpAction, file)
    command.Arguments.Add file

    for option in
        [
            set :> Option
            shown
            out
            inPlace
            html
            junit
            timeout
            cellTimeout
            keepGoing
            limit
            json
            verbose
            help
        ] do
        command.Options.Add option

    command.SetAction(fun parsed ->
        guard (fun () ->
            let file = parsed.GetValue file

            if parsed.GetValue shown then
                printParameters file
            else
                let options =
                    NotebookRunOptions(
                        Parameters = list (parsed.GetValue set),
                        Out = parsed.GetValue out,
                        InPlace = parsed.GetValue inPlace,
                        Timeout = span (parsed.GetValue timeout),
                        CellTimeout = span (parsed.GetValue cellTimeout),
                        KeepGoing = parsed.GetValue keepGoing,
                        OutputLimit = int64 (1e6 * parsed.GetValue limit)
                    )

                let view = NotebookRunView.View(parsed.GetValue verbose)

                let run =
                    NotebookRunner.RunAsync(file, options, view, interruption.Value).GetAwaiter().GetResult()

                parsed.GetValue junit
                |> Option.ofObj
                |> Option.iter (fun path -> JUnitReport.Write(path, [| run |]))

                parsed.GetValue html
                |> Option.ofObj
                |> Option.iter (fun path -> RunPage.Write(path, run))

                if parsed.GetValue json then
                    Console.Out.WriteLine(run.ToJson())
                else
                    Console.Out.WriteLine run
                    Console.Out.WriteLine $"outputs  {relative run.Output}"

                run.ExitCode))

    command

/// recipes notebook check PATH…
let check () =
    let paths =
        Argument<string[]>("PATH", Description = "notebooks with stored outputs, or folders of them")

    paths.Arity <- ArgumentArity.OneOrMore

    let tolerance =
        Option<float>(
            "--tolerance",
            Description = "relative difference that numbers with a fraction may have; whole numbers must be equal",
            DefaultValueFactory = fun _ -> NotebookCheck.DefaultTolerance
        )

    let set, timeout, cellTimeout = parameters (), timeout (), cellTimeout ()
    let json, verbose = json (), verbose ()

    let command =
        Command("check", "re-run notebooks and compare with their stored outputs; the files stay as they are")

    command.Arguments.Add paths

    for option in [ set :> Option; tolerance; timeout; cellTimeout; json; verbose ] do
        command.Options.Add option

    command.SetAction(fun parsed ->
        guard (fun () ->
            let files = NotebookCheck.Find(parsed.GetValue paths)
            let one = if files.Count = 1 then "notebook" else "notebooks"
            note $"{files.Count} {one} found"

            let options =
                NotebookRunOptions(
                    Parameters = list (parsed.GetValue set),
                    Timeout = span (parsed.GetValue timeout),
                    CellTimeout = span (parsed.GetValue cellTimeout)
                )

            let results =
                NotebookCheck
                    .RunAllAsync(
                        files,
                        options,
                        parsed.GetValue tolerance,
                        NotebookRunView.View(parsed.GetValue verbose),
                        interruption.Value
                    )
                    .GetAwaiter()
                    .GetResult()

            if parsed.GetValue json then
                Console.Out.WriteLine(results.ToJson())
            else
                Console.Out.WriteLine results

            results.ExitCode))

    command

/// recipes notebook host: the process that runs the cells; the runner starts it.
let host () =
    let pipe = Option<string>("--pipe", Required = true)
    let language = Option<string>("--language", Required = true)

    let command =
        Command("host", "the process that runs the cells of 'run' and 'check'", Hidden = true)

    command.Options.Add language
    command.Options.Add pipe

    command.SetAction(fun parsed ->
        KernelHost.Serve(parsed.GetValue pipe, (fun () -> new NotebookSession(parsed.GetValue language))))

    command
