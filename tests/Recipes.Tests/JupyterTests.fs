/// Cells, interrupts and shutdown, from a client of our own.
module Recipes.Tests.JupyterTests

open System
open System.Diagnostics
open System.IO
open System.Text
open System.Text.Json.Nodes
open System.Threading
open Expecto
open NetMQ
open Recipes
open Recipes.Notebook.Cells
open Recipes.Notebook.Jupyter
open Recipes.Tests.JupyterDoubles
open Recipes.Tests.Support

let private kernel test = withKernel 0 "secret" test

let private execute =
    testList
        "execute"
        [
            testCase "a result: busy, input, result, reply, idle, all with the request as parent"
            <| fun () ->
                kernel (fun _ client _ ->
                    let reply, outputs = client.Run "echo héllo 👋"
                    Expect.equal (types outputs) [ "status"; "execute_input"; "execute_result"; "status" ] "outputs"
                    Expect.equal (outputs[1].Text "code") "echo héllo 👋" "code"
                    Expect.equal (outputs[2].Get<string>("data", "text/plain")) "héllo 👋" "result"
                    Expect.equal (outputs[2].Get<int>("execution_count")) 1 "count"
                    Expect.equal (reply.Type, reply.Text "status") ("execute_reply", "ok") "reply"
                    Expect.equal (reply.Content["payload"].AsArray().Count) 0 "payload"
                    let again, _ = client.Run "echo 2"
                    Expect.equal (again.Get<int>("execution_count")) 2 "the next count")

            testCase "silent shows nothing and does not count"
            <| fun () ->
                kernel (fun _ client _ ->
                    let reply, outputs = client.Run("echo 1", ""","silent":true""")
                    Expect.equal (types outputs) [ "status"; "status" ] "outputs"
                    Expect.equal (reply.Get<int>("execution_count")) 0 "count"

                    let history, _ =
                        client.Ask("history_request", """{"hist_access_type":"tail","n":5}""")

                    Expect.equal (history.Content["history"].AsArray().Count) 0 "history")

            testCase "streams are gathered, and keep their order with displays"
            <| fun () ->
                kernel (fun _ client _ ->
                    let _, outputs = client.Run "updates 1000"

                    let shown =
                        outputs
                        |> List.map (fun m ->
                            match m.Type with
                            | "stream" -> m.Text "text"
                            | "display_data"
                            | "update_display_data" ->
                                Expect.equal (m.Get<string>("transient", "display_id")) "bar" "display id"

                                m.Get<string>("data", "text/plain")
                            | other -> other)

                    Expect.equal (List.take 4 shown) [ "status"; "execute_input"; "before "; "0" ] "the beginning"
                    Expect.contains shown "1000" "the last update"
                    Expect.equal (List.item (shown.Length - 2) shown) "after" "the end"
                    Expect.isLessThan shown.Length 100 "updates become one"
                    let _, outputs = client.Run "clear"
                    Expect.equal outputs[2].Type "clear_output" "clear")

            testCase "an error aborts what was queued with it, not what comes later"
            <| fun () ->
                kernel (fun _ client _ ->
                    let send code =
                        client.Send(client.Shell, "execute_request", $"""{{"code":"{code}"}}""")

                    let ids = [ send "fail x"; send "echo 2"; send "echo 3" ]
                    let reply () = client.Next(client.Shell, "reply")
                    let failed, second, third = reply (), reply (), reply ()
                    Expect.equal (error failed) ("Failed", "asked to") "the error"
                    Expect.equal [ failed.Parent; second.Parent; third.Parent ] ids "order"

                    Expect.equal
                        (second.Text "status", third.Text "status")
                        ("aborted", "aborted")
                        "the rest is aborted"

                    let later, _ = client.Run "echo 4"
                    Expect.equal (later.Text "status") "ok" "a later one runs"
                    let go, _ = client.Run("fail", ""","stop_on_error":false""")
                    Expect.equal (go.Text "status") "error" "an error"

                    let ids =
                        [
                            client.Send(client.Shell, "execute_request", """{"code":"fail","stop_on_error":false}""")
                            send "echo 5"
                        ]

                    Expect.equal
                        [ (reply ()).Text "status"; (reply ()).Text "status" ]
                        [ "error"; "ok" ]
                        $"stop_on_error false: {ids}")

            testCase "an exception of the session is an error of the cell, and the kernel goes on"
            <| fun () ->
                kernel (fun _ client log ->
                    let reply, outputs = client.Run "throw boom"
                    Expect.equal (error reply) ("InvalidOperationException", "boom") "reply"
                    Expect.contains (types outputs) "error" "shown"
                    let reply, _ = client.Run "echo 1"
                    Expect.equal (reply.Text "status") "ok" "goes on")

            testCase "user expressions are evaluated after the cell"
            <| fun () ->
                kernel (fun _ client _ ->
                    let reply, outputs = client.Run("echo 1", ""","user_expressions":{"a":"6*7"}""")
                    Expect.equal (reply.Get<string>("user_expressions", "a", "status")) "ok" "status"
                    Expect.equal (reply.Get<string>("user_expressions", "a", "data", "text/plain")) "6*7" "value"
                    Expect.equal (types outputs |> List.filter ((=) "display_data")) [] "not shown")

            testCase "input asks the client, and says so where no one can answer"
            <| fun () ->
                kernel (fun _ client _ ->
                    let id =
                        client.Send(client.Shell, "execute_request", """{"code":"input name? ","allow_stdin":true}""")

                    let asked = client.Next(client.Stdin, "question")
                    Expect.equal (asked.Type, asked.Parent) ("input_request", id) "question"

                    Expect.equal (asked.Text "prompt", asked.Get<bool>("password")) ("name? ", false) "prompt"

                    client.Send(client.Stdin, "input_reply", """{"value":"Ada"}""") |> ignore
                    let outputs = client.Outputs id
                    Expect.equal (outputs[2].Get<string>("data", "text/plain")) "got Ada" "answer"
                    client.Next(client.Shell, "reply") |> ignore
                    let reply, _ = client.Run("input x", ""","allow_stdin":false""")
                    let name, message = error reply
                    Expect.equal name "NotSupportedException" "error"
                    Expect.stringContains message "allow_stdin" "why")
        ]

let private interrupts =
    testList
        "interrupt and shutdown"
        [
            testCase "an interrupt stops a loop and a question; control and heart answer meanwhile"
            <| fun () ->
                kernel (fun kernel client _ ->
                    for code in [ "loop"; "input x"; "flood" ] do
                        let id = client.Send(client.Shell, "execute_request", $"""{{"code":"{code}"}}""")
                        let queued = client.Send(client.Shell, "execute_request", """{"code":"echo"}""")
                        let mutable begun = false

                        while not begun do
                            let message = client.Next(client.Iopub, "input")
                            begun <- message.Type = "execute_input" && message.Parent = id

                        Expect.isTrue (client.Beats()) "the heart beats"
                        client.Send(client.Control, "kernel_info_request", "{}") |> ignore
                        Expect.equal (client.Next(client.Control, "info")).Type "kernel_info_reply" "control answers"
                        Thread.Sleep 100
                        let clock = Stopwatch.StartNew()
                        client.Send(client.Control, "interrupt_request", "{}") |> ignore
                        Expect.equal (client.Next(client.Control, "reply")).Type "interrupt_reply" "reply"
                        let reply = client.Next(client.Shell, "reply")
                        Expect.equal reply.Parent id "the cell's reply"
                        Expect.equal (error reply |> fst) "Interrupted" code
                        Expect.isLessThan clock.Elapsed patience "soon"
                        let aborted = client.Next(client.Shell, "reply")
                        Expect.equal (aborted.Parent, aborted.Text "status") (queued, "aborted") "the queue"

                    client.Send(client.Control, "interrupt_request", "{}") |> ignore
                    client.Next(client.Control, "reply") |> ignore
                    let reply, _ = client.Run "echo 1"
                    Expect.equal (reply.Text "status") "ok" "an idle interrupt does nothing"
                    kernel.Interrupt())

            testCase "shutdown replies and ends, also while a cell runs that cannot be stopped"
            <| fun () ->
                for code, restart in [ "stuck", "true"; "echo", "false" ] do
                    kernel (fun kernel client _ ->
                        client.Send(client.Shell, "execute_request", $"""{{"code":"{code}"}}""")
                        |> ignore

                        client.Next(client.Iopub, "busy") |> ignore
                        let clock = Stopwatch.StartNew()

                        let id =
                            client.Send(client.Control, "shutdown_request", $"""{{"restart":{restart}}}""")

                        let reply = client.Next(client.Control, "reply")
                        Expect.equal (reply.Type, reply.Parent) ("shutdown_reply", id) "reply"
                        Expect.equal (reply.Content["restart"].ToJsonString()) restart "restart"
                        kernel.Wait()
                        kernel.Dispose()
                        Expect.isLessThan clock.Elapsed patience "promptly"
                        Expect.contains (types (client.Outputs id)) "shutdown_reply" "on iopub")
        ]

[<Tests>]
let tests = testSequenced (testList "jupyter kernel" [ execute; interrupts ])
