using System.Text.Json.Nodes;
using NetMQ;
using Recipes.Notebook.Cells;
using Recipes.Notebook.Jupyter.Wire;

namespace Recipes.Notebook.Jupyter;

/// <summary>
/// A session of cells behind the Jupyter protocol. It listens from its construction on, while the session is made on another
/// thread; control and heartbeat are answered while a cell runs. No message that a client sends ends it, but a shutdown.
/// </summary>
public sealed class JupyterKernel : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    private readonly KernelSockets _sockets;
    private readonly MessageCodec _codec;
    private readonly Outbox _outbox;
    private readonly Responder _responder;
    private readonly Questions _questions;
    private readonly RequestQueue _shell = new();
    private readonly RequestQueue _control = new();
    private readonly ExecuteRequests _execute;
    private readonly ShellRequests _answers;
    private readonly Task<ICellSession> _session;
    private readonly Thread _cells;
    private readonly ManualResetEventSlim _stopped = new();
    private readonly Action<string> _log;
    private bool _disposed;

    /// <summary>Listens, and makes the session meanwhile.</summary>
    /// <param name="file">Where to listen.</param>
    /// <param name="session">Makes the session; an error that it throws is the reply to each request that needs the session.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="RecipesException">A port is taken; nothing listens then.</exception>
    public JupyterKernel(ConnectionFile file, Func<ICellSession> session, KernelOptions? options = null)
    {
        options ??= new KernelOptions();
        var language = KernelLanguage.Of(options.Language);
        _log = options.Log ?? StandardError();
        _sockets = new KernelSockets(file);
        _session = Task.Factory.StartNew(session, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _codec = new MessageCodec(file.Key);
        _outbox = new Outbox(_codec, frames => _sockets.Send(Channel.Iopub, frames), options.StreamRate);
        _responder = new Responder(_codec, _outbox, _sockets.Send, _log);
        _questions = new Questions(_codec, _sockets.Send);
        var history = new History();
        _execute = new ExecuteRequests(Session, _outbox, _questions, _shell, history);
        _answers = new ShellRequests(file, language, Session, _outbox, history, _log);
        _sockets.Start(Received, Subscribed);
        _outbox.Post(null, "status", new JsonObject { ["execution_state"] = "starting" });
        _cells = new Thread(ServeShell) { IsBackground = true, Name = "Jupyter cells" };
        _cells.Start();
        new Thread(ServeControl) { IsBackground = true, Name = "Jupyter control" }.Start();
    }

    /// <summary>Serves until a client asks for shutdown, or the token says so; then closes all and ends NetMQ's threads.</summary>
    public static void Serve(JupyterKernel kernel, CancellationToken cancellation)
    {
        kernel.Wait(cancellation);
        kernel.Dispose();
        NetMQConfig.Cleanup();
    }

    /// <summary>Waits until a client asks for shutdown, or the token says so.</summary>
    public void Wait(CancellationToken cancellation = default) => WaitHandle.WaitAny([_stopped.WaitHandle, cancellation.WaitHandle]);

    /// <summary>Stops the running cell; does nothing when none runs.</summary>
    public void Interrupt()
    {
        try
        {
            _execute.Interrupt();
        }
        catch (Exception e)
        {
            _log($"interrupt: {e.Message}");
        }
    }

    /// <summary>Stops the running cell if it can be stopped, sends what is left, closes the sockets and the session.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        _shell.Close();
        _control.Close();
        Within(_patience, Interrupt);
        var ended = _cells.Join(_patience);
        _outbox.Dispose();
        _sockets.Dispose();
        if (ended && _session.IsCompletedSuccessfully)
            Within(_patience, _session.Result.Dispose);
        _stopped.Set();
    }

    private ICellSession Session() => _session.GetAwaiter().GetResult();

    // On the sockets' thread.
    private void Received(Channel channel, IReadOnlyList<byte[]> frames)
    {
        try
        {
            var message = _codec.Decode(channel, frames);
            if (channel == Channel.Stdin)
                _questions.Answer(message);
            else if (channel == Channel.Control || message.Type is "interrupt_request" or "shutdown_request")
                _control.Add(message);
            else
                _shell.Add(message);
        }
        catch (Exception e)
        {
            _log($"a message on {channel} is dropped: {e.Message}");
        }
    }

    private void Subscribed(byte[] topic)
    {
        var content = new JsonObject { ["subscription"] = System.Text.Encoding.UTF8.GetString(topic) };
        _sockets.Send(Channel.Iopub, _codec.Encode([topic], "iopub_welcome", null, content));
    }

    private void ServeShell()
    {
        while (_shell.Take() is { } request)
        {
            if (request.Type != "execute_request")
            {
                _responder.Respond(request, _answers.Handle, flush: true);
                continue;
            }
            _responder.Respond(request, _execute.Handle, flush: true);
            foreach (var aborted in _execute.Aborted)
                _responder.Respond(aborted, _ => new JsonObject { ["status"] = "aborted" }, flush: true);
        }
    }

    private void ServeControl()
    {
        while (_control.Take() is { } request)
        {
            _responder.Respond(request, Control, flush: false);
            if (request.Type == "shutdown_request")
                _stopped.Set();
        }
    }

    private JsonObject? Control(Message request)
    {
        switch (request.Type)
        {
            case "interrupt_request":
                Within(_patience, Interrupt);
                return new JsonObject { ["status"] = "ok" };
            case "shutdown_request":
                var reply = new JsonObject { ["status"] = "ok", ["restart"] = request.Flag("restart", false) };
                _outbox.Post(request.Header, request.ReplyType, (JsonObject)reply.DeepClone());
                return reply;
            case "kernel_info_request" or "connect_request":
                return _answers.Handle(request);
            default:
                _log($"{request.Channel}: {request.Type} is not known here");
                return null;
        }
    }

    // Native code may not return; then what waits for it goes on without.
    private static void Within(TimeSpan time, Action action) => Task.Run(action).Wait(time);

    // Cells redirect the console; this stays the process's own.
    private static Action<string> StandardError()
    {
        var writer = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardError()) { AutoFlush = true });
        return line => writer.WriteLine("recipes kernel: " + line);
    }
}
