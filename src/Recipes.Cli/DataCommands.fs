/// recipes data list | get | verify | preview
module Recipes.Cli.DataCommands

open System
open System.CommandLine
open System.IO
open Recipes
open Recipes.Data
open Recipes.Cli.Output

let private nameOrPath about =
    Argument<string>("NAME", Description = about)

let private list () =
    let json =
        Option<bool>("--json", Description = "print one JSON document and nothing else")

    let command =
        Command("list", "the data sets: what they are, how large, their licence, whether they are here")

    command.Options.Add json

    command.SetAction(fun parsed ->
        guard (fun () ->
            let here name =
                try
                    Datasets.ByName(name).Open Split.Train |> ignore
                    true
                with :? MissingDataException ->
                    false

            let row name title licence (bytes: int64) here =
                {|
                    name = name
                    title = title
                    licence = licence
                    bytes = bytes
                    here = here
                |}

            let rows =
                [|
                    for entry in DataCatalog.All do
                        yield row entry.Name entry.Title entry.Licence entry.Bytes (here entry.Name)

                    for entry in WeightsCatalog.All do
                        let file = Path.Combine(DataRoots.Cache, entry.Source.Name, entry.File)

                        yield
                            row
                                entry.Source.Name
                                entry.Source.Title
                                entry.Source.Licence
                                entry.Source.Bytes
                                (File.Exists file)

                    for entry in Vocabularies.All do
                        yield row entry.Name entry.Title entry.Licence entry.Bytes (Vocabularies.Has entry.Name)
                |]

            if parsed.GetValue json then
                Output.json rows
            else
                for row in rows do
                    let place =
                        if row.here then "here"
                        elif row.bytes = 0L then "to get"
                        else $"{float row.bytes / 1e6:F0} MB to get"

                    Console.WriteLine(
                        String.Format("{0,-26} {1,-14} {2} ({3})", row.name, place, row.title, row.licence)
                    )

                let roots = String.Join(", ", DataRoots.Default.Folders)
                Console.WriteLine $"searched: {roots}"

            Good))

    command

let private get () =
    let name = nameOrPath "a name of 'recipes data list'"

    let command =
        Command("get", "download a data set or weights into the cache, checked; an interrupted download goes on")

    let accept =
        Option<bool>(
            "--accept-licence",
            Description = "you have read the terms that 'recipes data list' names, and accept them"
        )

    command.Arguments.Add name
    command.Options.Add accept

    command.SetAction(fun parsed ->
        guard (fun () ->
            let mutable shown = DateTime.MinValue

            let progress file (had: int64) (all: int64) =
                if (DateTime.UtcNow - shown).TotalSeconds > 1.0 || had = all then
                    shown <- DateTime.UtcNow
                    note $"{file}: {float had / 1e6:F1} of {float all / 1e6:F1} MB"

            let options =
                DataGetOptions(Progress = Action<_, _, _>(progress), AcceptLicence = parsed.GetValue accept)

            let folder =
                DataCache.GetAsync(parsed.GetValue name, options, interruption.Value).GetAwaiter().GetResult()

            Console.WriteLine folder
            Good))

    command

/// What a name or path stands for: images with classes, or pictures with captions.
let private recognise (name: string) =
    if Seq.contains name Datasets.Names then
        null
    else
        Datasets.CaptionsAt name

let private verifyCaptions (source: StoredCaptionSource) (path: string) =
    match source with
    | :? ShardsSource ->
        let report = ShardCheck.Verify(path, null, interruption.Value)
        box report, string report, report.Good
    | _ ->
        let reports = source.Verify()
        let text = String.Join("\n", reports)
        box reports, text, reports |> Seq.forall (fun r -> r.Skipped = 0)

let private verify () =
    let name =
        nameOrPath
            "a name of 'recipes data list', an image folder, shards (folder, tar or pattern), JSON lines, COCO's captions"

    let json =
        Option<bool>("--json", Description = "print one JSON document and nothing else")

    let command =
        Command(
            "verify",
            "read everything, count classes or samples, check shards against their manifest, report all problems"
        )

    command.Arguments.Add name
    command.Options.Add json

    command.SetAction(fun parsed ->
        guard (fun () ->
            let path = parsed.GetValue name

            let report, text, good =
                match recognise path with
                | null ->
                    let report = DataCheck.Verify(Datasets.ByName path)
                    box report, string report, report.Good
                | source -> verifyCaptions source path

            if parsed.GetValue json then
                Output.json report
            else
                Console.WriteLine text

            if good then Good else Failed))

    command

// The last part of a name or path, without what a file's name cannot have.
let private fileName (name: string) =
    let last = Path.GetFileName(Path.TrimEndingDirectorySeparator name)
    String.Join("_", last.Split(Array.append (Path.GetInvalidFileNameChars()) [| '*'; '?'; '{'; '}' |]))

let private preview () =
    let name =
        nameOrPath "a name of 'recipes data list', an image folder, or pictures with captions: shards, JSON lines, COCO"

    let out =
        Option<string>("--out", Description = "the page to write; default preview-NAME.html")

    let count =
        Option<int>("--count", Description = "how many images", DefaultValueFactory = fun _ -> 24)

    let seed =
        Option<int64>("--seed", Description = "the world, for scenes", DefaultValueFactory = fun _ -> 0L)

    let command =
        Command(
            "preview",
            "write a page of images; for scenes with masks, boxes and depth, for captioned ones with captions"
        )

    command.Arguments.Add name

    for option in [ out :> Option; count; seed ] do
        command.Options.Add option

    command.SetAction(fun parsed ->
        guard (fun () ->
            let name = parsed.GetValue name
            let count = parsed.GetValue count

            if count < 1 then
                raise (RecipesException $"--count {count}: expected at least 1")

            let path =
                match parsed.GetValue out with
                | null -> $"preview-{fileName name}.html"
                | path -> path

            if name = "scenes" then
                let scenes =
                    [| for i in 0 .. count - 1 -> Scene.At(parsed.GetValue seed, int64 i) |]

                AtomicFile.WriteText(path, DataPreview.Scenes scenes)
            else
                match recognise name with
                | null -> DataPreview.Write(path, Datasets.ByName(name).Open Split.Train, count)
                | source -> CaptionPreview.Write(path, source.Open Split.Train, count)

            Console.WriteLine path
            Good))

    command

/// recipes data …
let data () =
    let command = Command("data", "data sets: list, get, verify, preview")

    for sub in [ list (); get (); verify (); preview () ] do
        command.Subcommands.Add sub

    command
