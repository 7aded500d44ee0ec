/// recipes model convert | export
module Recipes.Cli.ModelExport

open System
open System.Collections.Immutable
open System.CommandLine
open System.IO
open Recipes
open Recipes.Models
open Recipes.Verbs
open TorchSharp
open Recipes.Cli.Output

/// What both commands say of the ONNX file.
type private OnnxSwitches(command: Command) =
    let add (option: #Option) =
        command.Options.Add option
        option

    let opset =
        add (
            Option<int>(
                "--opset",
                Description = $"version of ONNX's operators, {ExportOptions.OldestOpset} to {ExportOptions.NewestOpset}",
                DefaultValueFactory = fun _ -> ExportOptions.NewestOpset
            )
        )

    let dynamic =
        add (
            Option<string>(
                "--dynamic",
                Description =
                    "axes known only when the graph runs: batch,resolution, or none; default all that the architecture allows"
            )
        )

    let resolution =
        add (Option<Nullable<int>>("--resolution", Description = "pixels a side, where fixed; default the paper's"))

    let part =
        add (Option<string>("--tower", Description = "only this part of a model of several, such as image or text"))

    let labels =
        add (Option<string>("--labels", Description = "a file of class names, one a line, to put into the ONNX file"))

    let check =
        add (Option<bool>("--check", Description = "run the file in ONNX Runtime and compare it with the model"))

    member _.Options(parsed: ParseResult) =
        let axes =
            match parsed.GetValue dynamic with
            | null -> Nullable()
            | "none" -> Nullable ImmutableArray.Empty
            | text -> Nullable(text.Split(',', StringSplitOptions.TrimEntries) |> ImmutableArray.Create<string>)

        let names =
            match parsed.GetValue labels with
            | null -> Nullable()
            | file when File.Exists file -> Nullable(File.ReadAllLines file |> ImmutableArray.Create<string>)
            | file -> raise (RecipesException $"--labels {file}: no such file; give one class name a line")

        ExportOptions(
            Opset = parsed.GetValue opset,
            Dynamic = axes,
            Resolution = parsed.GetValue resolution,
            Part = parsed.GetValue part,
            Labels = names,
            Check = parsed.GetValue check
        )

let private jsonOption () =
    Option<bool>("--json", Description = "print one JSON document and nothing else")

let private checked' name (value: Nullable<int>) =
    if value.HasValue && value.Value < 1 then
        raise (RecipesException $"{name} {value}: expected a positive number")

    value

/// recipes model convert IN OUT
let convert () =
    let input =
        Argument<string>(
            "IN",
            Description = "safetensors, an index of shards (model.safetensors.index.json), or what torch.save wrote"
        )

    let output =
        Argument<string>("OUT", Description = "a .safetensors file, or with --model an .onnx file")

    let model =
        Option<string>(
            "--model",
            Description = "check names, shapes and types against this network of 'recipes model list'"
        )

    let classes =
        Option<Nullable<int>>("--classes", Description = "the network's classes; default the paper's")

    let fold =
        Option<bool>("--fold", Description = "build the network, load it, fold its branches, save the folded form")

    let part =
        Option<string>("--part", Description = "which state dict of a checkpoint, such as state_dict_ema; '.' for all")

    let json = jsonOption ()

    let command =
        Command("convert", "weights of any known format to .safetensors or .onnx")

    command.Arguments.Add input
    command.Arguments.Add output
    command.Options.Add model
    command.Options.Add classes
    command.Options.Add fold
    command.Options.Add part
    command.Options.Add json
    let onnx = OnnxSwitches command

    command.SetAction(fun parsed ->
        guard (fun () ->
            let classes = checked' "--classes" (parsed.GetValue classes)

            let spec =
                match parsed.GetValue model with
                | null -> null
                | name -> Zoo.Network(name, classes)

            let options =
                ConvertOptions(
                    Model = spec,
                    Fold = parsed.GetValue fold,
                    Part = parsed.GetValue part,
                    Export = onnx.Options parsed
                )

            let evidence =
                WeightsConversion.Convert(parsed.GetValue input, parsed.GetValue output, options)

            if parsed.GetValue json then
                Output.json evidence
            else
                Console.WriteLine evidence

            Good))

    command

/// recipes model export NAME OUT.onnx
let export () =
    let name = Argument<string>("NAME", Description = "a name of 'recipes model list'")

    let output =
        Argument<string>("OUT", Description = "an .onnx file; a model of several parts is written as OUT.PART.onnx")

    let weights =
        Option<string>("--weights", Description = "weights of any known format; default random ones")

    let fold =
        Option<bool>("--fold", Description = "fold the branches first; what is exported is the folded form")

    let classes =
        Option<Nullable<int>>("--classes", Description = "the network's classes; default the paper's")

    let json = jsonOption ()
    let command = Command("export", "a network as ONNX")
    command.Arguments.Add name
    command.Arguments.Add output
    command.Options.Add weights
    command.Options.Add fold
    command.Options.Add classes
    command.Options.Add json
    let onnx = OnnxSwitches command

    command.SetAction(fun parsed ->
        guard (fun () ->
            let spec =
                Zoo.Network(parsed.GetValue name, checked' "--classes" (parsed.GetValue classes))

            let options = onnx.Options parsed

            use scope = torch.NewDisposeScope()

            let model =
                match parsed.GetValue weights with
                | null ->
                    note "recipes: no --weights: random ones"
                    let model = spec.Build()
                    model.eval ()
                    model
                | file -> spec.LoadPretrained(PretrainedOptions(Path = file))

            let model =
                if parsed.GetValue fold then
                    model.Reparameterize().Model
                else
                    model

            let evidence = model.Export(parsed.GetValue output, options)

            if parsed.GetValue json then
                Output.json evidence
            else
                Console.WriteLine evidence

            Good))

    command
