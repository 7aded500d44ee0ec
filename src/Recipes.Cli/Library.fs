/// The reproductions that this version knows: those compiled in from recipes/, and files of a user's own.
module Recipes.Cli.Library

open System
open System.IO
open Recipes
open Recipes.Reproductions

/// In the order of `recipes list`. A function, so that nothing of them is built before it is asked for.
let shipped () : Reproduction list =
    [
        Mobileone.mobileOne
        Fastvit.fastVit
        Fastvlm.fastVlm
        Mobileclip.mobileClip
        ClipQualityCaptions.qualityCaptions
    ]

/// The reproduction of a name.
let byName (name: string) =
    match shipped () |> List.tryFind (fun r -> r.Paper.Name = name) with
    | Some reproduction -> reproduction
    | None ->
        let known = shipped () |> List.map _.Paper.Name

        let list = String.Join(", ", known)

        raise (
            RecipesException
                $"reproduction '{name}' is unknown{Nearest.End(name, known)} Known: {list}; or the path of an .fsx file."
        )

/// The reproduction of a name, or the one that a script defines.
let find (nameOrFile: string) =
    if nameOrFile.EndsWith(".fsx", StringComparison.OrdinalIgnoreCase) then
        if File.Exists nameOrFile then
            ScriptFile.load nameOrFile
        else
            raise (RecipesException $"{nameOrFile}: no such file")
    else
        byName nameOrFile
