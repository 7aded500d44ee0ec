/// The ledger that comes with the checkout: the claims of the runs that the README quotes.
module Recipes.Cli.Shipped

open System
open System.IO
open Recipes

/// The checkout's root: RECIPES_ROOT from the launcher, else the folder above bin/.
let root =
    match Environment.GetEnvironmentVariable "RECIPES_ROOT" with
    | null
    | "" -> Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, ".."))
    | path -> path

/// The ledger of a reproduction.
let ledger (name: string) =
    let file = Path.Combine(root, "recipes", "ledger", $"{name}.json")

    if File.Exists file then
        file
    else
        raise (
            RecipesException
                $"{name}: no run under runs/ and no shipped ledger {file}. Run it with 'recipes run {name}'."
        )
