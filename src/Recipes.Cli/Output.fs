/// Exit codes, errors and output, the same for every command.
module Recipes.Cli.Output

open System
open System.Threading
open Recipes

/// Everything is good.
[<Literal>]
let Good = 0

/// A claim, parity, check or test failed.
[<Literal>]
let Failed = 1

/// Wrong usage or bad input.
[<Literal>]
let BadInput = 2

/// Ctrl-C or SIGTERM.
[<Literal>]
let Interrupted = 130

/// Writes a line to standard error, so that --json leaves standard output alone.
let note (text: string) = Console.Error.WriteLine text

/// Prints one JSON document and nothing else on standard output.
let json value =
    Console.Out.WriteLine(CanonicalJson.Text value)

/// Cancelled by the first Ctrl-C or SIGTERM; the second Ctrl-C ends the process at once.
let interruption =
    lazy
        (let source = new CancellationTokenSource()

         Console.CancelKeyPress.Add(fun e ->
             if not source.IsCancellationRequested then
                 e.Cancel <- true
                 source.Cancel())

         System.Runtime.InteropServices.PosixSignalRegistration.Create(
             System.Runtime.InteropServices.PosixSignal.SIGTERM,
             fun context ->
                 context.Cancel <- true
                 source.Cancel()
         )
         |> GC.KeepAlive

         source.Token)

/// Runs a command's body: errors the user can mend become one message and exit code 2.
let guard (body: unit -> int) =
    try
        body ()
    with
    | :? RecipesException as e ->
        note $"recipes: {e.Message}"
        BadInput
    | :? OperationCanceledException ->
        note "recipes: interrupted"
        Interrupted
