using System.Text.Json.Nodes;
using Recipes.Display;

namespace Recipes.Notebook.Display;

// What the page of one session has been given: the first chart brings the script that makes all charts interactive, so
// that a stored notebook holds it once. A cell that is run again replaces its outputs, so it brings the script again.
internal sealed class ChartPage
{
    private readonly Lock _lock = new();
    private string _cell = "";
    private string? _bringer;

    /// <summary>A cell begins.</summary>
    /// <param name="code">By which a cell that is run again is known.</param>
    public void Begin(string code)
    {
        lock (_lock)
        {
            _cell = code;
            if (_bringer == code)
                _bringer = null;
        }
    }

    /// <summary>The value, with the script where it is the first chart.</summary>
    public JsonObject Complete(JsonObject data)
    {
        if (data["text/html"]?.GetValue<string>() is not { } html || !InteractiveCharts.HasChart(html))
            return data;
        lock (_lock)
        {
            if (_bringer is not null)
                return data;
            _bringer = _cell;
        }
        data["text/html"] = html + new InteractiveCharts().ToScript();
        return data;
    }
}
