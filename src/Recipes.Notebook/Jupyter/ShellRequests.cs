using System.Text.Json.Nodes;
using Recipes.Notebook.Cells;
using Recipes.Notebook.Jupyter.Wire;

namespace Recipes.Notebook.Jupyter;

/// <summary>Answers what is asked about the kernel and about code, all but running it.</summary>
internal sealed class ShellRequests(
    ConnectionFile file,
    KernelLanguage language,
    Func<ICellSession> session,
    Outbox outbox,
    History history,
    Action<string> log
)
{
    /// <summary>The reply's content; null: no reply.</summary>
    public JsonObject? Handle(Message request)
    {
        switch (request.Type)
        {
            case "kernel_info_request":
                return language.Info();
            case "connect_request":
                return Connection();
            case "complete_request":
                return Complete(request);
            case "inspect_request":
                return Inspect(request);
            case "is_complete_request":
                return IsComplete(request);
            case "history_request":
                return history.Reply(request);
            case "comm_info_request":
                return new JsonObject { ["status"] = "ok", ["comms"] = new JsonObject() };
            case "comm_open":
                // No target is known here; closing at once is how the protocol says so.
                outbox.Post(
                    request.Header,
                    "comm_close",
                    new JsonObject { ["comm_id"] = request.Text("comm_id"), ["data"] = new JsonObject() }
                );
                return null;
            case "comm_msg" or "comm_close":
                return null;
            default:
                log($"{request.Channel}: {request.Type} is not known here");
                return null;
        }
    }

    private JsonObject Connection() =>
        new()
        {
            ["status"] = "ok",
            ["shell_port"] = file.Shell,
            ["control_port"] = file.Control,
            ["iopub_port"] = file.Iopub,
            ["stdin_port"] = file.Stdin,
            ["hb_port"] = file.Heartbeat,
        };

    private JsonObject Complete(Message request)
    {
        var code = request.Text("code");
        var found = session().Complete(code, Cursor(request, code));
        var (start, end) = (CodePoints.FromIndex(code, found.Start), CodePoints.FromIndex(code, found.End));
        var types = found.Items.Select(item =>
            (JsonNode)
                new JsonObject
                {
                    ["text"] = item.Text,
                    ["type"] = item.Kind,
                    ["start"] = start,
                    ["end"] = end,
                }
        );
        return new JsonObject
        {
            ["status"] = "ok",
            ["matches"] = new JsonArray([.. found.Items.Select(item => (JsonNode)item.Text)]),
            ["cursor_start"] = start,
            ["cursor_end"] = end,
            ["metadata"] = new JsonObject { ["_jupyter_types_experimental"] = new JsonArray([.. types]) },
        };
    }

    private JsonObject Inspect(Message request)
    {
        var code = request.Text("code");
        var found = session().Inspect(code, Cursor(request, code));
        return new JsonObject
        {
            ["status"] = "ok",
            ["found"] = found is not null,
            ["data"] = found?.Data.DeepClone() ?? new JsonObject(),
            ["metadata"] = found?.Metadata.DeepClone() ?? new JsonObject(),
        };
    }

    private JsonObject IsComplete(Message request)
    {
        var status = session().IsComplete(request.Text("code")) switch
        {
            Completeness.Complete => "complete",
            Completeness.Incomplete => "incomplete",
            _ => "invalid",
        };
        var reply = new JsonObject { ["status"] = status };
        if (status == "incomplete")
            reply["indent"] = "";
        return reply;
    }

    private static int Cursor(Message request, string code) => CodePoints.ToIndex(code, request.Number("cursor_pos", int.MaxValue));
}
