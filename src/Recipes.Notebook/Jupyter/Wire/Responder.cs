using System.Text.Json.Nodes;

namespace Recipes.Notebook.Jupyter.Wire;

/// <summary>Answers requests: busy, the outputs, the reply, idle, each with the request's header as its parent.</summary>
internal sealed class Responder(MessageCodec codec, Outbox outbox, Action<Channel, IReadOnlyList<byte[]>> send, Action<string> log)
{
    /// <summary>
    /// Handles a request and replies. What the handler throws becomes an error reply; a null is no reply.
    /// </summary>
    /// <param name="request">What to answer.</param>
    /// <param name="handle">Gives the reply's content.</param>
    /// <param name="flush">Whether all outputs go out before the reply; control waits for nothing.</param>
    public void Respond(Message request, Func<Message, JsonObject?> handle, bool flush)
    {
        var metadata = new JsonObject { ["started"] = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ") };
        Status(request.Header, "busy");
        JsonObject? content;
        try
        {
            content = handle(request);
        }
        catch (Exception e)
        {
            log($"{request.Type}: {e.Message}");
            content = Error(e.GetType().Name, e.Message, [e.Message]);
        }
        if (flush)
            outbox.Flush();
        if (content is not null)
            send(request.Channel, codec.Encode(request.Route, request.ReplyType, request.Header, content, metadata));
        Status(request.Header, "idle");
    }

    /// <summary>What an error reply holds.</summary>
    public static JsonObject Error(string name, string message, IReadOnlyList<string> traceback) =>
        new()
        {
            ["status"] = "error",
            ["ename"] = name,
            ["evalue"] = message,
            ["traceback"] = new JsonArray([.. traceback.Select(line => (JsonNode)line)]),
        };

    private void Status(byte[] parent, string state) => outbox.Post(parent, "status", new JsonObject { ["execution_state"] = state });
}
