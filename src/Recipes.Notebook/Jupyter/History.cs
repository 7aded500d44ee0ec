using System.IO.Enumeration;
using System.Text.Json.Nodes;
using Recipes.Notebook.Jupyter.Wire;

namespace Recipes.Notebook.Jupyter;

/// <summary>The cells that this kernel has run. For one thread at a time.</summary>
internal sealed class History
{
    private readonly List<(int Line, string Input, string? Output)> _entries = [];

    /// <summary>Remembers a cell.</summary>
    public void Add(int line, string input, string? output) => _entries.Add((line, input, output));

    /// <summary>Answers <c>history_request</c>: tail, range or search.</summary>
    public JsonObject Reply(Message request)
    {
        var output = request.Flag("output", false);
        var found = request.Text("hist_access_type", "tail") switch
        {
            "tail" => _entries.TakeLast(request.Number("n", 10)),
            "range" => Range(request),
            "search" => Search(request),
            var other => throw new RecipesException($"history_request.hist_access_type: expected tail, range or search, found {other}."),
        };
        return new JsonObject
        {
            ["status"] = "ok",
            ["history"] = new JsonArray([
                .. found.Select(e => (JsonNode)new JsonArray(1, e.Line, output ? new JsonArray(e.Input, e.Output) : (JsonNode)e.Input)),
            ]),
        };
    }

    // Session 0 is the current one, which has number 1; there are no others.
    private IEnumerable<(int Line, string Input, string? Output)> Range(Message request)
    {
        var (start, stop) = (request.Number("start", 0), request.Number("stop", int.MaxValue));
        return request.Number("session", 0) is 0 or 1 ? _entries.Where(e => e.Line >= start && e.Line < stop) : [];
    }

    private IEnumerable<(int Line, string Input, string? Output)> Search(Message request)
    {
        var pattern = request.Text("pattern", "*");
        var found = _entries.Where(e => FileSystemName.MatchesSimpleExpression(pattern, e.Input, ignoreCase: false));
        if (request.Flag("unique", false))
            found = found.Reverse().DistinctBy(e => e.Input).Reverse();
        return found.TakeLast(request.Number("n", int.MaxValue));
    }
}
