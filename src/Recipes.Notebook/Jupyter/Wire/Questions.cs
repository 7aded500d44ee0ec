using System.Text.Json.Nodes;

namespace Recipes.Notebook.Jupyter.Wire;

/// <summary>Asks the client whose cell runs for a line, on the stdin socket.</summary>
internal sealed class Questions(MessageCodec codec, Action<Channel, IReadOnlyList<byte[]>> send)
{
    private readonly Lock _turn = new();
    private volatile TaskCompletionSource<string>? _asked;

    /// <summary>Asks and waits; one question at a time.</summary>
    /// <exception cref="OperationCanceledException">Interrupted.</exception>
    public string Ask(Message request, string prompt, bool password)
    {
        lock (_turn)
        {
            var asked = new TaskCompletionSource<string>();
            _asked = asked;
            var content = new JsonObject { ["prompt"] = prompt, ["password"] = password };
            send(Channel.Stdin, codec.Encode(request.Route, "input_request", request.Header, content));
            try
            {
                return asked.Task.GetAwaiter().GetResult();
            }
            finally
            {
                _asked = null;
            }
        }
    }

    /// <summary>Takes an answer; one that no question waits for is dropped.</summary>
    public void Answer(Message reply) => _asked?.TrySetResult(reply.Text("value"));

    /// <summary>Whoever waits gives up.</summary>
    public void Cancel() => _asked?.TrySetCanceled();
}
