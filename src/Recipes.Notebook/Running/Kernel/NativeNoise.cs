using System.Text.RegularExpressions;

namespace Recipes.Notebook.Running.Kernel;

// libtorch says on standard error, at every convolution, that this processor has no NNPACK. Nobody can do anything about it,
// TorchSharp has no switch for it, and a notebook would store it a thousand times.
internal sealed partial class NativeNoise
{
    private string _held = "";

    /// <summary>The text without such lines; the beginning of one is held back until the rest comes.</summary>
    public string Filter(string text)
    {
        text = Line().Replace(_held + text, "");
        var last = text.LastIndexOf('\n') + 1;
        var open = text.AsSpan(last).StartsWith("[W");
        _held = open ? text[last..] : "";
        return open ? text[..last] : text;
    }

    /// <summary>What is held back, when nothing more comes.</summary>
    public string Rest()
    {
        var rest = _held;
        _held = "";
        return rest;
    }

    [GeneratedRegex(@"^\[W[^\]\n]*NNPACK\.cpp:\d+\][^\n]*\n", RegexOptions.Multiline)]
    private static partial Regex Line();
}
