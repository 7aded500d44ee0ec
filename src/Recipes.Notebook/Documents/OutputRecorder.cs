using System.Text.Json.Nodes;
using Recipes.Notebook.Cells;

namespace Recipes.Notebook.Documents;

/// <summary>
/// Writes what running cells show into a document, by Jupyter's rules: texts of one stream in a row are one output, an update
/// replaces every display of its id wherever it stands, a clear may wait for the next output. Ids are not stored. Not thread-safe.
/// </summary>
public sealed class OutputRecorder
{
    // A line without an end grows in place up to here, so that a million prints of one character stay cheap.
    private const int LongLine = 4096;

    private readonly Dictionary<string, List<(NotebookCell Cell, JsonObject Output)>> _displays = new(StringComparer.Ordinal);
    private readonly HashSet<NotebookCell> _clearing = [];

    /// <summary>Before a cell runs: removes its outputs and count.</summary>
    public void Start(NotebookCell cell)
    {
        Clear(cell);
        cell.ExecutionCount = null;
    }

    /// <summary>Adds one output to a cell.</summary>
    public void Record(NotebookCell cell, CellOutput output)
    {
        if (output is CellOutput.Clear { Wait: true })
        {
            _clearing.Add(cell);
            return;
        }
        if (output is CellOutput.Update update)
        {
            Update(update);
            return;
        }
        if (output is CellOutput.Clear || _clearing.Contains(cell))
            Clear(cell);
        switch (output)
        {
            case CellOutput.Printed printed:
                Print(cell.Outputs, printed);
                break;
            case CellOutput.Display display:
                var json = OutputJson.Display(display.Content);
                cell.Outputs.Add((JsonNode)json);
                if (display.Id is { } id)
                    Displays(id).Add((cell, json));
                break;
            case CellOutput.Result result:
                cell.Outputs.Add((JsonNode)OutputJson.Result(result.Content, result.Count));
                cell.ExecutionCount = result.Count;
                break;
            case CellOutput.Error error:
                cell.Outputs.Add((JsonNode)OutputJson.Error(error));
                break;
        }
    }

    private List<(NotebookCell Cell, JsonObject Output)> Displays(string id)
    {
        if (!_displays.TryGetValue(id, out var list))
            _displays[id] = list = [];
        return list;
    }

    private void Clear(NotebookCell cell)
    {
        _clearing.Remove(cell);
        cell.Outputs.Clear();
        foreach (var id in _displays.Keys.ToArray())
        {
            _displays[id].RemoveAll(d => d.Cell == cell);
            if (_displays[id].Count == 0)
                _displays.Remove(id);
        }
    }

    private void Update(CellOutput.Update update)
    {
        if (!_displays.TryGetValue(update.Id, out var displays))
            return;
        foreach (var (_, output) in displays)
        {
            output["data"] = OutputJson.Data(update.Content.Data);
            output["metadata"] = update.Content.Metadata.DeepClone();
        }
    }

    private static void Print(JsonArray outputs, CellOutput.Printed printed)
    {
        if (printed.Text.Length == 0)
            return;
        if (outputs is not [.., JsonObject last] || last["output_type"].AsText() != "stream" || last["name"].AsText() != printed.Name)
        {
            outputs.Add((JsonNode)OutputJson.Stream(printed.Name, printed.Text));
            return;
        }
        if (last["text"] is not JsonArray lines)
            last["text"] = lines = Multiline.Write(Multiline.Read(last["text"]) ?? "");
        foreach (var line in Multiline.Lines(printed.Text))
        {
            var open = lines.Count > 0 ? lines[^1].AsText()! : "\n";
            if (open.EndsWith('\n') || (open.Length >= LongLine && !char.IsHighSurrogate(open[^1])))
                lines.Add((JsonNode)line);
            else
                lines[^1] = open + line;
        }
    }
}
