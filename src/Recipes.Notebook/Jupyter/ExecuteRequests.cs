using System.Text.Json.Nodes;
using Recipes.Notebook.Cells;
using Recipes.Notebook.Jupyter.Wire;

namespace Recipes.Notebook.Jupyter;

/// <summary>Runs cells: one at a time, on the thread that calls.</summary>
internal sealed class ExecuteRequests(Func<ICellSession> session, Outbox outbox, Questions questions, RequestQueue queue, History history)
{
    // What a client sent in one go with the failing cell has arrived by then.
    private static readonly TimeSpan _underWay = TimeSpan.FromMilliseconds(30);
    private volatile Message? _running;

    /// <summary>The requests that the last error aborts.</summary>
    public IReadOnlyList<Message> Aborted { get; private set; } = [];

    /// <summary>Whether a cell runs.</summary>
    public bool Running => _running is not null;

    /// <summary>Runs the cell of an <c>execute_request</c> and gives the reply's content.</summary>
    public JsonObject Handle(Message request)
    {
        Aborted = [];
        var code = request.Text("code");
        var silent = request.Flag("silent", false);
        var keep = request.Flag("store_history", true) && !silent;
        var stop = request.Flag("stop_on_error", true) && !silent;
        var expressions = request.Texts("user_expressions").ToList();
        var stream = new CellStream(outbox, questions, request, silent);
        outbox.Begin();
        _running = request;
        try
        {
            var outcome = Run(request, new CellRequest(code, Silent: silent), stream);
            if (keep)
                history.Add(outcome.ExecutionCount, code, stream.Result);
            var content = Reply(outcome);
            if (outcome.Status == CellStatus.Ok)
                foreach (var (name, expression) in expressions)
                    content["user_expressions"]![name] = Evaluate(expression);
            else if (stop)
            {
                Thread.Sleep(_underWay);
                Aborted = queue.TakeAll("execute_request");
            }
            return content;
        }
        finally
        {
            _running = null;
        }
    }

    /// <summary>Stops the running cell; does nothing when none runs.</summary>
    public void Interrupt()
    {
        if (_running is not { } request)
            return;
        questions.Cancel();
        outbox.Interrupt(request.Header);
        session().Interrupt();
    }

    private static JsonObject Reply(CellOutcome outcome)
    {
        var error = outcome.Error ?? new CellOutput.Error(outcome.Status.ToString(), "", []);
        var content =
            outcome.Status == CellStatus.Ok
                ? new JsonObject { ["status"] = "ok" }
                : Responder.Error(error.Name, error.Message, error.Traceback);
        content["execution_count"] = outcome.ExecutionCount;
        content["payload"] = new JsonArray();
        content["user_expressions"] = new JsonObject();
        return content;
    }

    private CellOutcome Run(Message request, CellRequest cell, CellStream stream)
    {
        var count = 0;
        try
        {
            var cells = session();
            count = cells.ExecutionCount + 1;
            if (!cell.Silent)
                outbox.Show(request.Header, "execute_input", new JsonObject { ["code"] = cell.Code, ["execution_count"] = count });
            return cells.Run(cell, stream);
        }
        catch (Exception e)
        {
            var error = new CellOutput.Error(e.GetType().Name, e.Message, e.ToString().Split('\n'));
            if (!stream.Failed)
                stream.Emit(error);
            return new CellOutcome(CellStatus.Error, count, error);
        }
    }

    // An expression is a silent cell that displays it; what it displays is its value.
    private JsonObject Evaluate(string expression)
    {
        var shown = new Shown();
        var outcome = session().Run(new CellRequest($"display({expression})", Silent: true), shown);
        if (outcome.Status == CellStatus.Ok && shown.Value is { } value)
            return new JsonObject
            {
                ["status"] = "ok",
                ["data"] = value.Data.DeepClone(),
                ["metadata"] = value.Metadata.DeepClone(),
            };
        var error = outcome.Error ?? new CellOutput.Error("NoValue", $"{expression} shows no value.", []);
        return Responder.Error(error.Name, error.Message, error.Traceback);
    }

    private sealed class Shown : ICellHost
    {
        public MimeBundle? Value { get; private set; }

        public void Emit(CellOutput output) => Value ??= (output as CellOutput.Display)?.Content;

        public string ReadLine(string prompt, bool password) => throw new NotSupportedException("An expression cannot ask.");
    }
}
