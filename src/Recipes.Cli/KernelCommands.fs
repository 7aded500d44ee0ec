/// recipes notebook kernel install | list | uninstall | start
module Recipes.Cli.KernelCommands

open System
open System.CommandLine
open System.Runtime.InteropServices
open System.Threading
open Recipes
open Recipes.Cli.Output
open Recipes.Notebook.Cells
open Recipes.Notebook.Jupyter

/// Where kernels are registered: --user (the default), --prefix DIR or --sys-prefix.
type private Place(command: Command) =
    let user =
        Option<bool>("--user", Description = "this user's Jupyter folder; the default")

    let prefix =
        Option<string>("--prefix", Description = "DIR/share/jupyter/kernels, for example /usr/local")

    let environment =
        Option<bool>("--sys-prefix", Description = "the virtual or Conda environment that is active")

    do
        for option in [ user :> Option; prefix; environment ] do
            command.Options.Add option

    member _.Specs(parsed: ParseResult) =
        match parsed.GetValue user, parsed.GetValue prefix, parsed.GetValue environment with
        | _, null, false -> KernelSpecs.User()
        | false, folder, false -> KernelSpecs.Prefix folder
        | false, null, true -> KernelSpecs.Environment()
        | _ -> raise (RecipesException "--user, --prefix and --sys-prefix: give one of them")

let private json () =
    Option<bool>("--json", Description = "print one JSON document and nothing else")

let private show (asJson: bool) (specs: KernelSpec seq) =
    let rows =
        [|
            for s in specs ->
                {|
                    name = s.Name
                    display = s.Display
                    folder = s.Folder
                    command = s.Command
                    ours = s.Ours
                |}
        |]

    if asJson then
        Output.json rows
    else
        for row in rows do
            Console.WriteLine(String.Format("{0,-16} {1,-16} {2}", row.name, row.display, row.folder))

let private languages name =
    if name = "all" then
        List.ofSeq KernelLanguage.All
    else
        [ KernelLanguage.Of name ]

let private install () =
    let language =
        Option<string>("--language", Description = "csharp, fsharp or all", DefaultValueFactory = (fun _ -> "all"))

    let name =
        Option<string>("--name", Description = "another name than .net-csharp or .net-fsharp")

    let json = json ()
    let command = Command("install", "register the C# and F# kernels with Jupyter")
    let place = Place command

    for option in [ language :> Option; name; json ] do
        command.Options.Add option

    command.SetAction(fun parsed ->
        guard (fun () ->
            let languages = languages (parsed.GetValue language)
            let name = parsed.GetValue name

            if not (isNull name) && languages.Length > 1 then
                raise (
                    RecipesException $"--name {name}: a name is for one kernel; give --language csharp or fsharp too"
                )

            let specs = place.Specs parsed

            let title (l: KernelLanguage) =
                if isNull name then null else $"{l.Display}, {name}"

            [ for l in languages -> specs.Install(l, name, title l) ]
            |> show (parsed.GetValue json)

            Good))

    command

let private list () =
    let json = json ()
    let command = Command("list", "the kernels registered there, ours and others'")
    let place = Place command
    command.Options.Add json

    command.SetAction(fun parsed ->
        guard (fun () ->
            (place.Specs parsed).List() |> show (parsed.GetValue json)
            Good))

    command

let private uninstall () =
    let names =
        Argument<string[]>(
            "NAME",
            Description = "a kernel of ours; default all that start this build",
            Arity = ArgumentArity.ZeroOrMore
        )

    let json = json ()
    let command = Command("uninstall", "take our kernels out of Jupyter's list")
    let place = Place command
    command.Arguments.Add names
    command.Options.Add json

    command.SetAction(fun parsed ->
        guard (fun () ->
            let names = parsed.GetValue names |> Option.ofObj |> Option.defaultValue [||]
            (place.Specs parsed).Uninstall names |> show (parsed.GetValue json)
            Good))

    command

let private serve path anyAddress (options: KernelOptions) =
    // Standard output belongs to whoever started the kernel; what is printed outside cells is for its log.
    Console.SetOut Console.Error
    let file = ConnectionFile.Read(path, anyAddress)
    use stop = new CancellationTokenSource()

    use kernel =
        new JupyterKernel(file, (fun () -> new NotebookSession(options.Language) :> ICellSession), options)

    let on signal (action: unit -> unit) =
        PosixSignalRegistration.Create(
            signal,
            fun context ->
                context.Cancel <- true
                action ()
        )

    use _ = on PosixSignal.SIGINT kernel.Interrupt
    use _ = on PosixSignal.SIGTERM (fun () -> stop.Cancel())
    use _ = ParentWatch.Start(fun () -> stop.Cancel())
    JupyterKernel.Serve(kernel, stop.Token)
    // A cell that cannot be stopped must not keep the process.
    exit Good

let private start () =
    let file =
        Argument<string>("CONNECTION_FILE", Description = "the file that the Jupyter client wrote")

    let language =
        Option<string>(
            "--language",
            Description = "csharp or fsharp: the language of a cell that names none",
            DefaultValueFactory = (fun _ -> "csharp")
        )

    let anyAddress =
        Option<bool>("--any-address", Description = "also listen where other machines can reach it")

    let rate =
        Option<int>(
            "--stream-rate",
            Description = "bytes of printed text sent a second; 0 is no limit (a notebook server drops more than 1 MB)",
            DefaultValueFactory = (fun _ -> KernelOptions.DefaultStreamRate)
        )

    let command = Command("start", "serve a Jupyter client; clients call this")
    command.Arguments.Add file

    for option in [ language :> Option; anyAddress; rate ] do
        command.Options.Add option

    command.SetAction(fun parsed ->
        guard (fun () ->
            let language = KernelLanguage.Of(parsed.GetValue language)
            let rate = parsed.GetValue rate

            if rate < 0 then
                raise (RecipesException $"--stream-rate {rate}: expected 0 or more")

            KernelOptions(Language = language.Name, StreamRate = rate)
            |> serve (parsed.GetValue file) (parsed.GetValue anyAddress)))

    command

/// recipes notebook kernel …
let kernel () =
    let command =
        Command("kernel", "C# and F# in JupyterLab, Notebook and VS Code: install, list, uninstall, start")

    for sub in [ install (); list (); uninstall (); start () ] do
        command.Subcommands.Add sub

    command
