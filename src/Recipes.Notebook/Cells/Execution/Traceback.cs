using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Recipes.Notebook.Cells.Execution;

/// <summary>An exception as a notebook user wants it: the message, then the frames of the user's own code.</summary>
internal static partial class Traceback
{
    public static CellOutput.Error Of(Exception exception)
    {
        var e = Inner(exception);
        if (e is CellException cell)
            return new CellOutput.Error(cell.Name, cell.Message, cell.Lines);
        var lines = new List<string> { $"{e.GetType()}: {e.Message}" };
        for (var cause = e.InnerException; cause is not null; cause = cause.InnerException)
            lines.Add($"  caused by {cause.GetType()}: {cause.Message}");
        lines.AddRange(Frames(e));
        return new CellOutput.Error(e.GetType().FullName!, e.Message, lines);
    }

    private static Exception Inner(Exception e) =>
        e switch
        {
            TargetInvocationException { InnerException: { } inner } => Inner(inner),
            AggregateException { InnerExceptions: [{ } only] } => Inner(only),
            _ => e,
        };

    private static IEnumerable<string> Frames(Exception e)
    {
        foreach (var frame in new StackTrace(e, fNeedFileInfo: true).GetFrames())
        {
            if (frame.GetFileName() is not { } file || Place().Match(file) is not { Success: true } place || frame.GetFileLineNumber() == 0)
                continue;
            yield return $"   at {Method(frame.GetMethod())}{place.Value}, line {frame.GetFileLineNumber()}";
        }
    }

    // The cell's own body needs no name; functions of the user do.
    private static string Method(MethodBase? method)
    {
        if (method is null)
            return "";
        var name = method.Name == "MoveNext" ? method.DeclaringType?.Name ?? "" : method.Name;
        var inner = Generated().Match(name);
        if (inner.Success)
            name = inner.Groups[1].Value;
        return name.Length == 0 || name.Contains('<', StringComparison.Ordinal) || name.StartsWith("main@", StringComparison.Ordinal)
            ? ""
            : $"{name} in ";
    }

    [GeneratedRegex(@"cell \d+$")]
    private static partial Regex Place();

    [GeneratedRegex(@"^<(\w*)>")]
    private static partial Regex Generated();
}
