using System.Text.Json.Nodes;
using Recipes.Notebook.Cells;
using Recipes.Notebook.Jupyter.Wire;

namespace Recipes.Notebook.Jupyter;

/// <summary>Sends what one cell shows as messages that answer its request.</summary>
internal sealed class CellStream(Outbox outbox, Questions questions, Message request, bool silent) : ICellHost
{
    /// <summary>The plain text of the cell's result, for the history.</summary>
    public string? Result { get; private set; }

    /// <summary>Whether the cell has shown an error.</summary>
    public bool Failed { get; private set; }

    public void Emit(CellOutput output)
    {
        Failed |= output is CellOutput.Error;
        if (silent)
            return;
        switch (output)
        {
            case CellOutput.Printed printed:
                outbox.Print(request.Header, printed.Name, printed.Text);
                break;
            case CellOutput.Display display:
                outbox.Show(request.Header, "display_data", Content(display.Content, display.Id));
                break;
            case CellOutput.Update update:
                outbox.Show(request.Header, "update_display_data", Content(update.Content, update.Id), updates: update.Id);
                break;
            case CellOutput.Result result:
                Result = (result.Content.Data["text/plain"] as JsonValue)?.ToString();
                var content = Content(result.Content, null);
                content["execution_count"] = result.Count;
                outbox.Show(request.Header, "execute_result", content);
                break;
            case CellOutput.Error error:
                var failure = Responder.Error(error.Name, error.Message, error.Traceback);
                failure.Remove("status");
                outbox.Show(request.Header, "error", failure);
                break;
            case CellOutput.Clear clear:
                outbox.Show(request.Header, "clear_output", new JsonObject { ["wait"] = clear.Wait });
                break;
            default:
                throw new NotSupportedException($"output {output.GetType().Name}");
        }
    }

    public string ReadLine(string prompt, bool password)
    {
        if (!request.Flag("allow_stdin", true))
            throw new NotSupportedException(
                "This front end takes no input (allow_stdin is false): give the value in the cell, or run it where you can type."
            );
        outbox.Flush();
        return questions.Ask(request, prompt, password);
    }

    private static JsonObject Content(MimeBundle bundle, string? id) =>
        new()
        {
            ["data"] = bundle.Data.DeepClone(),
            ["metadata"] = bundle.Metadata.DeepClone(),
            ["transient"] = id is null ? [] : new JsonObject { ["display_id"] = id },
        };
}
