using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using NetMQ;
using NetMQ.Sockets;
using Recipes.Notebook.Jupyter.Wire;

namespace Recipes.Benchmarks;

/// <summary>A kernel in a process of its own, and a client of it.</summary>
internal sealed class KernelPeer : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private readonly MessageCodec _codec = new("benchmark");
    private readonly DealerSocket _shell = new();
    private readonly DealerSocket _control = new();
    private readonly SubscriberSocket _iopub = new();
    private readonly string _file = Path.GetTempFileName();
    private readonly Process _process;
    private int _count;

    /// <summary>Starts the checkout's kernel; returns as soon as the process is there.</summary>
    public KernelPeer(string language)
    {
        var ports = Ports();
        var names = (string[])["shell_port", "control_port", "iopub_port", "stdin_port", "hb_port"];
        var connection = new JsonObject
        {
            ["ip"] = "127.0.0.1",
            ["transport"] = "tcp",
            ["key"] = "benchmark",
            ["signature_scheme"] = "hmac-sha256",
        };
        foreach (var (name, port) in names.Zip(ports))
            connection[name] = port;
        File.WriteAllText(_file, connection.ToJsonString());
        var command = Path.Combine(Root(), "bin", "Recipes.Cli.dll");
        _process = Process.Start("dotnet", [command, "notebook", "kernel", "start", "--language", language, _file]);
        _shell.Connect($"tcp://127.0.0.1:{ports[0]}");
        _control.Connect($"tcp://127.0.0.1:{ports[1]}");
        _iopub.SubscribeToAnyTopic();
        _iopub.Connect($"tcp://127.0.0.1:{ports[2]}");
        _iopub.Options.ReceiveHighWatermark = 0;
    }

    /// <summary>Megabytes of memory that the process holds.</summary>
    public double Megabytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1e6;
        }
    }

    /// <summary>Processor milliseconds that the process has taken.</summary>
    public double Processor
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime.TotalMilliseconds;
        }
    }

    /// <summary>Runs a cell until its reply.</summary>
    /// <exception cref="RecipesException">It failed.</exception>
    public void Run(string code) => Ask("execute_request", new JsonObject { ["code"] = code });

    /// <summary>How many completions there are at the end of a text.</summary>
    public int Complete(string code)
    {
        var reply = Ask("complete_request", new JsonObject { ["code"] = code, ["cursor_pos"] = code.Length });
        return reply.Content.GetProperty("matches").GetArrayLength();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Send(_control, "shutdown_request", new JsonObject { ["restart"] = false });
        if (!_process.WaitForExit(_patience))
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
        foreach (var socket in (NetMQSocket[])[_shell, _control, _iopub])
            socket.Dispose();
        File.Delete(_file);
    }

    private Message Ask(string type, JsonObject content)
    {
        Send(_shell, type, content);
        var frames = new NetMQMessage();
        if (!_shell.TryReceiveMultipartMessage(_patience, ref frames))
            throw new RecipesException($"The kernel gives no reply to {type} within {_patience.TotalSeconds} s.");
        var reply = _codec.Decode(Channel.Shell, [.. frames.Select(f => f.ToByteArray())]);
        // What it shows is taken as a client takes it, and dropped.
        while (_iopub.TryReceiveMultipartMessage(ref frames)) { }
        return reply.Text("status") == "ok" ? reply : throw new RecipesException($"{type} {++_count} fails: {reply.Content}");
    }

    private void Send(DealerSocket socket, string type, JsonObject content) =>
        socket.SendMultipartBytes(_codec.Encode([], type, null, content));

    private static int[] Ports()
    {
        var listeners = Enumerable.Range(0, 5).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(l => l.Start());
        int[] ports = [.. listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port)];
        listeners.ForEach(l => l.Dispose());
        return ports;
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Recipes.sln")))
            folder = folder.Parent;
        return folder?.FullName
            ?? throw new RecipesException("The kernel benchmark needs the checkout: no Recipes.sln above this program.");
    }
}
