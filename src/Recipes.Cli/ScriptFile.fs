/// Evaluates a reproduction script with the F# compiler in this process.
module Recipes.Cli.ScriptFile

open System
open System.IO
open FSharp.Compiler.Interactive.Shell
open Recipes
open Recipes.Reproductions

let private references =
    [ "TorchSharp.dll"; "Recipes.dll"; "Recipes.FSharp.dll"; "Recipes.Cli.dll" ]

/// The last value of type Reproduction that the script defines at its top level.
let load (path: string) : Reproduction =
    let bin = AppContext.BaseDirectory

    let arguments =
        [| "fsi"; "--noninteractive"; "--quiet"; "--nologo"; "--define:HOSTED" |]

    let config = FsiEvaluationSession.GetDefaultConfiguration()

    use session =
        FsiEvaluationSession.Create(
            config,
            Array.append arguments [| for name in references -> "-r:" + Path.Combine(bin, name) |],
            new StringReader "",
            TextWriter.Null,
            TextWriter.Null
        )

    let result, problems = session.EvalScriptNonThrowing(Path.GetFullPath path)

    let errors =
        [
            for p in problems do
                if p.Severity = FSharp.Compiler.Diagnostics.FSharpDiagnosticSeverity.Error then
                    $"{path}({p.StartLine},{p.StartColumn + 1}): {p.Message}"
        ]

    match result with
    | Choice2Of2 _ when not errors.IsEmpty -> raise (RecipesException($"{path} does not compile:", List.toArray errors))
    | Choice2Of2(:? RecipesException as e) -> raise e
    | Choice2Of2 e -> raise (RecipesException($"{path} fails while it is read: {e.Message}", e))
    | Choice1Of2 _ -> ()

    let found =
        session.DynamicAssemblies
        |> Array.collect _.GetTypes()
        |> Array.collect (fun t -> t.GetProperties(Reflection.BindingFlags.Static ||| Reflection.BindingFlags.Public))
        |> Array.filter (fun p -> p.PropertyType = typeof<Reproduction>)
        |> Array.map (fun p -> p.GetValue null :?> Reproduction)

    match Array.tryLast found with
    | Some reproduction -> reproduction
    | None ->
        raise (
            RecipesException
                $"{path}: expected a top-level value of type Reproduction, found none. Define one with 'let mine = reproduction paper {{ … }}'."
        )
