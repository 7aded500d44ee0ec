/// Printed outputs, and the texts of outputs.
module Recipes.Tests.NotebookKernelDoubles

open System
open Recipes.Notebook.Cells

let printed (text: string) =
    CellOutput.Printed("stdout", text) :> CellOutput

let texts (outputs: CellOutput seq) =
    String.Join(
        "",
        [
            for output in outputs ->
                match output with
                | :? CellOutput.Printed as p -> p.Text
                | _ -> ""
        ]
    )
