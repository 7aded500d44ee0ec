using System.Net;
using System.Net.Sockets;
using NetMQ;
using NetMQ.Sockets;

namespace Recipes.Notebook.Jupyter.Wire;

/// <summary>A kernel's five sockets and the one thread that serves them; nothing that a cell does holds it up.</summary>
internal sealed class KernelSockets : IDisposable
{
    // No client of a notebook sends more in one frame; a forged length must not fill the memory.
    private const long LargestFrame = 1L << 28;

    private readonly Dictionary<Channel, NetMQSocket> _sockets = [];
    private readonly NetMQQueue<(Channel Channel, IReadOnlyList<byte[]> Frames)> _outgoing = new();
    private readonly NetMQPoller _poller = [];

    /// <summary>Binds all sockets.</summary>
    /// <exception cref="RecipesException">A port is taken, or the address is not of this machine.</exception>
    public KernelSockets(ConnectionFile file)
    {
        try
        {
            Bind(Channel.Shell, new RouterSocket(), file.Address, file.Shell);
            Bind(Channel.Control, new RouterSocket(), file.Address, file.Control);
            Bind(Channel.Stdin, new RouterSocket(), file.Address, file.Stdin);
            Bind(Channel.Iopub, new XPublisherSocket(), file.Address, file.Iopub);
            Bind(Channel.Heartbeat, new RouterSocket(), file.Address, file.Heartbeat);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Begins to listen.</summary>
    /// <param name="received">Takes each message, on the sockets' thread; must neither block nor throw.</param>
    /// <param name="subscribed">Takes the topic of each new subscription, likewise.</param>
    public void Start(Action<Channel, IReadOnlyList<byte[]>> received, Action<byte[]> subscribed)
    {
        foreach (var channel in (Channel[])[Channel.Shell, Channel.Control, Channel.Stdin])
            Listen(channel, frames => received(channel, frames));
        Listen(Channel.Heartbeat, frames => Write(Channel.Heartbeat, frames));
        Listen(
            Channel.Iopub,
            frames =>
            {
                if (frames is [[1, .. var topic]])
                    subscribed(topic);
            }
        );
        _outgoing.ReceiveReady += (_, e) =>
        {
            while (e.Queue.TryDequeue(out var next, TimeSpan.Zero))
                Write(next.Channel, next.Frames);
        };
        _poller.Add(_outgoing);
        _poller.RunAsync("Jupyter sockets", isBackgroundThread: true);
    }

    /// <summary>Sends frames, after all that were given before. From any thread; does not wait.</summary>
    public void Send(Channel channel, IReadOnlyList<byte[]> frames) => _outgoing.Enqueue((channel, frames));

    /// <summary>Sends what is left, for up to a second, and closes.</summary>
    public void Dispose()
    {
        if (_poller.IsRunning)
            _poller.Stop();
        while (_outgoing.TryDequeue(out var next, TimeSpan.Zero))
            Write(next.Channel, next.Frames);
        _poller.Dispose();
        _outgoing.Dispose();
        foreach (var socket in _sockets.Values)
            socket.Dispose();
    }

    private void Bind(Channel channel, NetMQSocket socket, IPAddress address, int port)
    {
        _sockets.Add(channel, socket);
        socket.Options.Linger = TimeSpan.FromSeconds(1);
        socket.Options.MaxMsgSize = LargestFrame;
        socket.Options.SendHighWatermark = 0;
        socket.Options.IPv4Only = address.AddressFamily != AddressFamily.InterNetworkV6;
        if (socket is RouterSocket)
            socket.Options.RouterHandover = true;
        else
            socket.Options.XPubVerbose = true;
        var place = new IPEndPoint(address, port);
        try
        {
            socket.Bind($"tcp://{place}");
        }
        catch (NetMQException e)
        {
            var reason =
                e.ErrorCode == ErrorCode.AddressAlreadyInUse
                    ? "another process listens there. Does a kernel run on this connection file already? Let the client start a new one"
                    : $"it cannot be listened on ({e.Message})";
            throw new RecipesException($"{place} ({channel}): {reason}.", e);
        }
    }

    private void Listen(Channel channel, Action<IReadOnlyList<byte[]>> received)
    {
        var socket = _sockets[channel];
        var message = new NetMQMessage();
        socket.ReceiveReady += (_, _) =>
        {
            while (socket.TryReceiveMultipartMessage(ref message))
                received([.. message.Select(frame => frame.ToByteArray(copy: true))]);
        };
        _poller.Add(socket);
    }

    private void Write(Channel channel, IReadOnlyList<byte[]> frames) =>
        _sockets[channel].TrySendMultipartBytes(TimeSpan.FromSeconds(1), frames);
}
