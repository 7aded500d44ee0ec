/// A Jupyter client that shares no code with the kernel, and a kernel to try it on.
module Recipes.Tests.JupyterDoubles

open System
open System.Collections.Generic
open System.IO
open System.Net
open System.Net.Sockets
open System.Security.Cryptography
open System.Text
open System.Text.Json.Nodes
open System.Threading
open Expecto
open NetMQ
open NetMQ.Sockets
open Recipes.Notebook.Cells
open Recipes.Notebook.Jupyter
open Recipes.Tests.JupyterCellDoubles

/// A message that the kernel sent.
type Received =
    {
        Type: string
        Parent: string
        Content: JsonNode
    }

    /// The value at a path of its content.
    member m.Get<'value>([<ParamArray>] path: string[]) =
        (Array.fold (fun (node: JsonNode) (name: string) -> node[name]) m.Content path).GetValue<'value>()

    member m.Text(name: string) = m.Get<string> name

let private freePorts count =
    let listeners = [ for _ in 1..count -> new TcpListener(IPAddress.Loopback, 0) ]
    listeners |> List.iter _.Start()
    let ports = listeners |> List.map (fun l -> (l.LocalEndpoint :?> IPEndPoint).Port)
    listeners |> List.iter _.Stop()
    ports

/// The text of a connection file with free ports and this key.
let connectionText (key: string) =
    let json = JsonObject()

    for name, port in List.zip [ "shell"; "control"; "iopub"; "stdin"; "hb" ] (freePorts 5) do
        json[name + "_port"] <- port

    json["ip"] <- "127.0.0.1"
    json["key"] <- key
    json["transport"] <- "tcp"
    json["signature_scheme"] <- "hmac-sha256"
    json.ToJsonString()

/// A client, connected.
type Client(text: string) =
    let file = JsonNode.Parse text
    let key = file["key"].GetValue<string>()
    let identity = Guid.NewGuid().ToByteArray()

    let connect (socket: NetMQSocket) (name: string) =
        socket.Options.Linger <- TimeSpan.Zero
        socket.Options.ReceiveHighWatermark <- 0
        socket.Connect $"tcp://127.0.0.1:{file[name].GetValue<int>()}"

    let dealer name =
        let socket = new DealerSocket()
        socket.Options.Identity <- identity
        connect socket name
        socket

    let shell = dealer "shell_port"
    let control = dealer "control_port"
    let stdin = dealer "stdin_port"
    let iopub = new SubscriberSocket()
    let heart = new RequestSocket()

    do
        iopub.SubscribeToAnyTopic()
        connect iopub "iopub_port"
        connect heart "hb_port"

    let sign (frames: byte[] list) =
        if key = "" then
            [||]
        else
            use mac = new HMACSHA256(Encoding.UTF8.GetBytes key)
            let hash = mac.ComputeHash(Array.concat frames)
            Encoding.ASCII.GetBytes(Convert.ToHexString(hash).ToLowerInvariant())

    let receive (socket: NetMQSocket) (seconds: float) =
        let mutable frames = NetMQMessage()

        if socket.TryReceiveMultipartMessage(TimeSpan.FromSeconds seconds, &frames) then
            let frames = frames |> Seq.map _.ToByteArray() |> Seq.toList

            let rest =
                frames
                |> List.skipWhile (fun f -> Encoding.ASCII.GetString f <> "<IDS|MSG>")
                |> List.tail

            Expect.sequenceEqual (List.head rest) (sign (List.tail rest)) "the kernel's signature"
            let json = rest |> List.tail |> List.map (fun f -> JsonNode.Parse(ReadOnlySpan f))

            Some
                {
                    Type = string (json[0]["msg_type"])
                    Parent =
                        match json[1]["msg_id"] with
                        | null -> ""
                        | id -> id.GetValue<string>()
                    Content = json[3]
                }
        else
            None

    let need socket seconds what =
        match receive socket seconds with
        | Some message -> message
        | None -> failtest $"no {what} within {seconds} s"

    member _.Shell = shell
    member _.Control = control
    member _.Iopub = iopub
    member _.Stdin = stdin

    /// The JSON frames of a request, and its id.
    member _.Frames(kind: string, content: string) =
        let id = Guid.NewGuid().ToString "N"

        let header =
            $"{{\"msg_id\":\"{id}\",\"session\":\"s\",\"username\":\"u\",\"msg_type\":\"{kind}\",\"version\":\"5.3\"}}"

        [ header; "{}"; "{}"; content ] |> List.map Encoding.UTF8.GetBytes, id

    /// Frames with this signature.
    member _.SendRaw(socket: NetMQSocket, signature: byte[], frames: byte[] list) =
        socket.SendMultipartBytes(Encoding.ASCII.GetBytes "<IDS|MSG>" :: signature :: frames |> List.toArray)

    member _.Sign frames = sign frames

    /// Sends a signed request; returns its id.
    member client.Send(socket: NetMQSocket, kind, content: string) =
        let frames, id = client.Frames(kind, content)
        client.SendRaw(socket, sign frames, frames)
        id

    /// The next message, or a failed test.
    member _.Next(socket, what) = need socket 20.0 what

    /// The next message, if any.
    member _.TryNext(socket, seconds) = receive socket seconds

    /// What iopub brings for a request, up to idle.
    member _.Outputs(id: string) =
        let found = List<Received>()
        let mutable idle = false

        while not idle do
            let message = need iopub 60.0 "output"

            if message.Parent = id then
                found.Add message
                idle <- message.Type = "status" && message.Text "execution_state" = "idle"

        Seq.toList found

    /// A request on shell, its reply, and what iopub brought.
    member client.Ask(kind, content) =
        let id = client.Send(shell, kind, content)
        let outputs = client.Outputs id
        let reply = need shell 20.0 "reply"
        Expect.equal reply.Parent id "the reply's parent"
        reply, outputs

    /// Runs a cell.
    member client.Run(code: string, ?options: string) =
        let code = JsonValue.Create(code).ToJsonString()
        client.Ask("execute_request", $"""{{"code":{code}{defaultArg options ""}}}""")

    /// Whether the heart beats within a second.
    member _.Beats() =
        heart.SendFrame "ping"
        let mutable answer = ""

        heart.TryReceiveFrameString(TimeSpan.FromSeconds 1.0, &answer)
        && answer = "ping"

    interface IDisposable with
        member _.Dispose() =
            for socket in [ shell :> NetMQSocket; control; stdin; iopub; heart ] do
                socket.Dispose()

/// A kernel on a scripted session, a client that iopub has welcomed, and the lines that the kernel logged.
let withKernel (rate: int) (key: string) (test: JupyterKernel -> Client -> List<string> -> unit) =
    let folder = Directory.CreateTempSubdirectory "recipes-"
    let path = Path.Combine(folder.FullName, "kernel.json")
    let text = connectionText key
    File.WriteAllText(path, text)
    let log = List<string>()

    let options =
        KernelOptions(StreamRate = rate, Log = fun line -> lock log (fun () -> log.Add line))

    try
        use kernel =
            new JupyterKernel(ConnectionFile.Read path, (fun () -> new ScriptedSession() :> ICellSession), options)

        use client = new Client(text)

        while (client.Next(client.Iopub, "welcome")).Type <> "iopub_welcome" do
            ()

        test kernel client log
    finally
        folder.Delete true

/// The types of messages.
let types (messages: Received list) = messages |> List.map _.Type

/// The name and the text of an error reply.
let error (reply: Received) =
    Expect.equal (reply.Text "status") "error" "status"
    reply.Text "ename", reply.Text "evalue"
